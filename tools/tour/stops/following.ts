import { must, type Stop } from '../stop.ts';

const COUNT = 5;

export const events: Stop = {
  title: 'Events as they happen, and once more from a cursor',
  async go({ tributary, show }) {
    const seen: { cursor: string; id: string }[] = [];
    // region: events
    for await (const item of tributary.events({ types: ['telemetry.observed'] })) {
      if (item.kind === 'resync') continue;
      const [point] = item.event.data.points;
      show(item.name, item.event.platform, point?.signal, point?.value);
      seen.push({ cursor: item.cursor, id: item.event.id });
      if (seen.length >= COUNT) break;
    }
    // endregion
    const again: string[] = [];
    const after = must(seen[0], 'an event').cursor;
    for await (const item of tributary.events({ types: ['telemetry.observed'], after })) {
      if (item.kind === 'event') again.push(item.event.id);
      if (again.length >= COUNT - 1) break;
    }
    must(
      again.join() ===
        seen
          .slice(1)
          .map(({ id }) => id)
          .join(),
      'the same events once more, in the same order',
    );
  },
};

export const nothingLost: Stop = {
  title: 'What could not be stored, and who did what',
  async go({ tributary, show }) {
    const parked = await tributary.list('/v1/parked-messages', { query: { filter: 'state eq "parked"' } }).all(10);
    must(parked.length === 0, `no parked messages, not one with the reason ${parked[0]?.reason}`);
    show('nothing is parked');
    for (const { action, at } of await tributary.list('/v1/audit-log').all(3)) show(at, action);
  },
};
