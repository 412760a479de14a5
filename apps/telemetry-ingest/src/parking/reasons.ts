/** Why a message was set aside. Stable: operators filter by these words. */
export const parkReasons = [
  'oversize',
  'encoding',
  'json',
  'schema',
  'wrong-queue',
  'mismatch',
  'out-of-time',
  'refused-by-database',
  'crashes-decoder',
  'delivery-limit',
  'unknown-replay',
] as const;
export type ParkReason = (typeof parkReasons)[number];

/** JSON Pointer into the message, and what is wrong there. The offending value is never part of it. */
export interface Problem {
  path: string;
  problem: string;
}

/** What is wrong with a message, for the parking row. */
export interface Fault {
  reason: ParkReason;
  problems: Problem[];
}

export const refusedByDatabase = (sqlState: string | undefined): Fault => ({
  reason: 'refused-by-database',
  problems: [{ path: '/data', problem: `refused by the database${sqlState ? ` (${sqlState})` : ''}` }],
});
