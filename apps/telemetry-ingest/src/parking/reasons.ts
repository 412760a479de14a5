import type { ParkedProblem, ParkReason } from '@tributary/contracts';

/** What is wrong with a message, for the parking row. */
export interface Fault {
  reason: ParkReason;
  problems: ParkedProblem[];
}

export const refusedByDatabase = (sqlState: string | undefined): Fault => ({
  reason: 'refused-by-database',
  problems: [{ path: '/data', problem: `refused by the database${sqlState ? ` (${sqlState})` : ''}` }],
});
