import type { NativeId, Observation, Page, Poll, Presence } from '@tributary/adapter-kit';
import type { Companies } from '../companies.ts';
import type { Inventory } from '../inventory.ts';

export interface PresencePollOptions {
  presence: Presence;
  companies: Companies;
  inventory: Inventory;
  offlineAfterMs: number;
  devices: () => readonly NativeId[];
  now: () => number;
}

/**
 * That a hub or port has fallen silent, or is heard again. Silence counts only where somebody listened for long enough:
 * what a stream that is down does not bring says nothing. Asks the platform nothing.
 */
export function presencePoll(options: PresencePollOptions): Poll {
  const { presence, companies, inventory, offlineAfterMs, devices, now } = options;
  const isListenedTo = (device: NativeId, nowMs: number): boolean => {
    const company = inventory.companyOf(device);
    const since = company === undefined ? undefined : companies.standsSince(company);
    return since !== undefined && nowMs - since > offlineAfterMs;
  };
  return {
    schedule: 'presence',
    async *run(): AsyncGenerator<Page<Observation>, void, undefined> {
      const nowMs = now();
      const heard = devices().filter((device) => isListenedTo(device, nowMs));
      const items = heard.flatMap((device) =>
        [...presence.changes(device, nowMs)].map((event): Observation => ({ type: 'platform-event', event })),
      );
      if (items.length > 0) yield { items };
    },
  };
}
