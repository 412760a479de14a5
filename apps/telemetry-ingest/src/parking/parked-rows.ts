import type { ParkedMessages } from '@tributary/database';
import type { ParkedRow } from './parking.ts';
import type { ReplayStore } from './replays.ts';

/** Rows of parked messages, written. A message that is parked already keeps its row. */
export const parkInto =
  (parked: ParkedMessages, exchange: string) =>
  async (row: ParkedRow): Promise<void> => {
    await parked.park({ ...row, exchange });
  };

export function replayStoreOf(parked: ParkedMessages): ReplayStore {
  return {
    get: async (id) => {
      const row = await parked.get(undefined, id);
      return row && { id, queue: row.queue, payload: row.payload, parked: row.state === 'parked' };
    },
    markReplayed: async (id) => {
      await parked.markReplayed(id);
    },
    failedAgain: async (id, { reason, problems }) => {
      const row = await parked.get(undefined, id);
      // The same queue and payload are the same row: it stays parked, and says why now.
      if (row)
        await parked.park({
          ...row,
          workspace: row.workspace ?? undefined,
          eventId: row.eventId ?? undefined,
          reason,
          problems,
        });
    },
  };
}
