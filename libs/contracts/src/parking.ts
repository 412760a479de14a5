import { z } from 'zod';
import { connectionId, nativeId, platformId, timestamp, workspaceId } from './words.ts';

/** `message`: came over the bus, and cannot be stored. `item`: came from a platform, and its adapter could not publish it. */
export const parkedKinds = ['message', 'item'] as const;
export type ParkedKind = (typeof parkedKinds)[number];

/** Why something is parked. The list is closed and its words are stable: operators filter by them. */
export const parkReasons = {
  oversize: { kind: 'message', means: 'larger than the intake looks into' },
  encoding: { kind: 'message', means: 'not UTF-8' },
  json: { kind: 'message', means: 'not JSON' },
  schema: { kind: 'message', means: 'does not fit the schema of its event' },
  'wrong-queue': { kind: 'message', means: 'fits, and nothing stores events of its type' },
  mismatch: { kind: 'message', means: 'says of itself what cannot be true, such as the id of another device' },
  'out-of-time': { kind: 'message', means: 'has points of more than a day ahead' },
  'refused-by-database': { kind: 'message', means: 'has no form in the database, or broke one of its rules' },
  'crashes-decoder': { kind: 'message', means: 'ends the process that reads it, or holds it for ever' },
  'delivery-limit': { kind: 'message', means: 'was given up by the broker after many deliveries' },
  'unknown-replay': { kind: 'message', means: 'came from a queue that nothing here reads' },
  'unreadable-item': {
    kind: 'item',
    means: 'does not fit what the platform documents, or what the connection says of it',
  },
  'refused-point': { kind: 'item', means: 'was read, and is no point that may travel' },
} as const satisfies Record<string, { kind: ParkedKind; means: string }>;
export type ParkReason = keyof typeof parkReasons;

/** JSON Pointer into what is parked, and what is wrong there. The offending value is never part of it. */
export interface ParkedProblem {
  path: string;
  problem: string;
}

/** What an adapter could not publish, on its way to where it is parked. Only an adapter of the platform opens `sealed`. */
export const setAsideItem = z.object({
  workspace: workspaceId,
  platform: platformId,
  connectionId,
  nativeId: nativeId.optional().describe('The device, where that is known.'),
  what: z.string().min(1).max(100).describe('What the adapter calls such items.'),
  reason: z.enum(['unreadable-item', 'refused-point']),
  problems: z.array(z.object({ path: z.string().max(1_000), problem: z.string().max(1_000) })).max(50),
  shown: z.string().describe('The item without its secrets, or its beginning.'),
  sealed: z.string().optional().describe('The item; absent for one that is too large to be kept.'),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('The same for the same item.'),
  asideAt: timestamp,
});
export type SetAsideItem = z.output<typeof setAsideItem>;
