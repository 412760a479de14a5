import type { GraphQLError } from 'graphql';
import type { ExosenseLimits } from './options.ts';

/** What was used of what may be used, by one request and in the window. */
export interface CostFigures {
  timeMs: number;
  windowRequests: number;
  windowTimeMs: number;
}

/** Limits of resources that are not in use yet. */
const NOT_USED = { query: 1_000_000, cost: 1_000_000 };

/** The member `extensions` of every answer that is inside the limits. */
export function costExtension({ timeMs, windowRequests, windowTimeMs }: CostFigures, limits: ExosenseLimits) {
  return {
    cost: {
      overRateLimit: false,
      rateUsage: { query: 0, time: Math.round(windowTimeMs), requests: windowRequests, cost: 0 },
      rateLimits: { query: NOT_USED.query, time: limits.timeMs, requests: limits.requests, cost: NOT_USED.cost },
      limits: { query: NOT_USED.query, time: limits.requestTimeMs, cost: NOT_USED.cost },
      time: timeMs,
      overUsageLimit: false,
      usage: { query: 0, time: timeMs, cost: 0 },
    },
  };
}

/** The text is the code: nothing else tells one error from another. */
export const presentedErrors = (errors: readonly GraphQLError[]) =>
  errors.map(({ message, locations, path }) => ({
    message,
    ...(locations ? { locations } : {}),
    ...(path ? { path } : {}),
  }));
