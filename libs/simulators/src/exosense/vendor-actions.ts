import { z } from 'zod';
import { action } from '../kit/actions.ts';
import type { ExosenseState } from './state.ts';

/** What the vendor, or the network before it, may do differently from one day to the next. */
export function vendorActions({ options, reports }: ExosenseState) {
  return {
    'slow-execution': action(
      'every request takes so many times longer; what takes too long runs into the limit of a request',
      z.strictObject({
        factor: z.number().positive().optional(),
        baseMs: z.number().min(0).optional(),
        scale: z.number().min(0).optional(),
      }),
      (change) => assign(options.execution, change),
    ),
    'memory-fault': action(
      'reading the data of more assets than this in one request exceeds memory; 0 ends it',
      z.strictObject({ assets: z.number().int().min(0).default(50) }),
      ({ assets }) => assign(options.limits, { assetsWithData: assets }),
    ),
    'set-limits': action(
      'other limits: of a token, of a request, of the whole instance (0 is none)',
      z.strictObject({
        requests: z.number().int().min(0).optional(),
        timeMs: z.number().min(0).optional(),
        requestTimeMs: z.number().min(0).optional(),
        instanceRequests: z.number().int().min(0).optional(),
        windowMs: z.number().positive().optional(),
      }),
      (change) => assign(options.limits, change),
    ),
    'set-answers': action(
      'how the vendor says no: over a limit, out of time, without a right, below its tier',
      z.strictObject({
        limitStatus: z.union([z.literal(200), z.literal(429)]).optional(),
        limitRetryAfter: z.boolean().optional(),
        timeout: z.enum(['html', 'empty', 'cut', 'named']).optional(),
        forbidden: z.enum(['field', 'http']).optional(),
        rateTimeIncludesCurrent: z.boolean().optional(),
        organizationTier: z.boolean().optional(),
      }),
      (change) => assign(options.answers, change),
    ),
    'set-control': action(
      'an administrator switches device control on or off',
      z.strictObject({ enabled: z.boolean() }),
      ({ enabled }) => {
        options.controlEnabled = enabled;
      },
    ),
    'next-report': action(
      'what becomes of the next so many reports',
      z.strictObject({
        outcome: z.enum(['completed', 'failed', 'expired']),
        count: z.number().int().min(1).default(1),
      }),
      ({ outcome, count }) => reports.next(outcome, count),
    ),
  };
}

/** Members that are absent stay as they are. */
function assign<T extends object>(target: T, change: { [K in keyof T]?: T[K] | undefined }): T {
  for (const [key, value] of Object.entries(change)) if (value !== undefined) Object.assign(target, { [key]: value });
  return target;
}
