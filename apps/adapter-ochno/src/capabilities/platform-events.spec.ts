import { describe, expect, it } from '@jest/globals';
import { type Observation, Presence } from '@tributary/adapter-kit';
import type { Companies } from '../companies.ts';
import type { Inventory } from '../inventory.ts';
import { presencePoll } from './platform-events.ts';

const never = new AbortController().signal;
const MINUTE = 60_000;

function setUp() {
  const state = { nowMs: 0, standsSince: 0 as number | undefined };
  const presence = new Presence(5 * MINUTE);
  const poll = presencePoll({
    presence,
    companies: { standsSince: () => state.standsSince } as Partial<Companies> as Companies,
    inventory: { companyOf: () => 'c' } as Partial<Inventory> as Inventory,
    offlineAfterMs: 5 * MINUTE,
    devices: () => ['p'],
    now: () => state.nowMs,
  });
  const told = async (atMs: number) => {
    state.nowMs = atMs;
    const items: Observation[] = [];
    for await (const page of poll.run(undefined, never)) items.push(...page.items);
    return items.map((item) => (item.type === 'platform-event' ? item.event.name : item.type));
  };
  return { state, presence, told };
}

describe('silence', () => {
  it('is told once, and so is its end', async () => {
    const { presence, told } = setUp();
    presence.heard('p', 1 * MINUTE);
    expect(await told(6 * MINUTE)).toEqual([]);
    expect(await told(7 * MINUTE)).toEqual(['device.offline']);
    expect(await told(8 * MINUTE)).toEqual([]);
    presence.heard('p', 9 * MINUTE);
    expect(await told(9 * MINUTE)).toEqual(['device.online']);
  });

  it('says nothing where nobody listened, or not for long enough', async () => {
    const { state, presence, told } = setUp();
    presence.heard('p', 1 * MINUTE);
    state.standsSince = undefined;
    expect(await told(60 * MINUTE)).toEqual([]);
    state.standsSince = 60 * MINUTE;
    expect(await told(64 * MINUTE)).toEqual([]);
    expect(await told(66 * MINUTE)).toEqual(['device.offline']);
  });
});
