import { eventually, must, type Stop } from '../stop.ts';

const PATIENCE = { withinMs: 120_000, everyMs: 500 };

/** A house that has just begun finds its devices one platform after the other. */
export const arrival: Stop = {
  title: 'What has been found so far',
  async go({ tributary, show }) {
    const count = async (filter: string) => (await tributary.list('/v1/devices', { query: { filter } }).all(1)).length;
    const { items } = await tributary.get('/v1/platforms');
    for (const { id } of items.filter(({ capabilities }) => capabilities.includes('devices'))) {
      await eventually(`devices of ${id}`, async () => (await count(`platform eq "${id}"`)) || undefined, PATIENCE);
      show(id, 'has devices');
    }
    for (const signal of ['temperature', 'lamp.level']) {
      const newest = () => tributary.get('/v1/telemetry/latest', { query: { signal: [signal], limit: 3 } });
      await eventually(`values of ${signal}`, async () => (await newest()).items.length > 2 || undefined, PATIENCE);
    }
    const connections = () => tributary.list('/v1/connections', { query: { filter: 'status ne "connected"' } }).all();
    await eventually('every connection', async () => (await connections()).length === 0 || undefined, PATIENCE);
    const files = () => tributary.list('/v1/files', { query: { filter: 'location eq "both"' } }).all(1);
    await eventually('files', async () => (await files()).length > 0 || undefined, PATIENCE);
    const spaces = () => tributary.list('/v1/spaces').all(1);
    await eventually('spaces', async () => (await spaces()).length > 0 || undefined, PATIENCE);
  },
};

export const platforms: Stop = {
  title: 'Platforms, and what each of them can do',
  async go({ tributary, show }) {
    const { items } = await tributary.get('/v1/platforms');
    must(items.length > 0, 'platforms');
    for (const { displayName, capabilities } of items) show(displayName, capabilities.join(', '));
  },
};

export const connections: Stop = {
  title: 'Connections, and how they are doing',
  async go({ tributary, show }) {
    const { items } = await tributary.get('/v1/platforms');
    const connected = new Set<string>();
    for await (const { id, platform, name } of tributary.list('/v1/connections')) {
      const path = { connectionId: id };
      const { status, owner } = await tributary.get('/v1/connections/{connectionId}/health', { path });
      const { budgets } = await tributary.get('/v1/connections/{connectionId}/budget', { path });
      show(name, status, `by ${owner?.replica}`, ...budgets.map((b) => `${b.name}: ${b.left} of ${b.limit} left`));
      must(status === 'connected', `${name} to be connected, not ${status}`);
      connected.add(platform);
    }
    for (const { id } of items) must(connected.has(id), `a connection to ${id}`);
  },
};

export const devices: Stop = {
  title: 'Devices, found by themselves, in one filter language for all platforms',
  async go({ tributary, show }) {
    // region: devices
    const filter = 'name co "Zürich" or (platform eq "ochno" and kind eq "hub")';
    const found = await tributary.list('/v1/devices', { query: { filter, sort: 'name' } }).all(1_000);
    for (const { platform, name, kind, lastSeenAt } of found.slice(0, 5)) show(platform, name, kind, lastSeenAt);
    // endregion
    must(found.length > 0, 'devices in Zürich, or hubs');
    must(
      found.every((device) => device.name.toLowerCase().includes('zürich') || device.kind === 'hub'),
      'devices that fit the filter alone',
    );
    const [first] = found;
    const again = await tributary.get('/v1/devices/by-native/{connectionId}/{nativeId}', {
      path: { connectionId: must(first, 'a device').connectionId, nativeId: must(first, 'a device').nativeId },
    });
    must(again.id === first?.id, 'the same device by the id that its platform gave it');
  },
};

export const spaces: Stop = {
  title: 'Spaces of all platforms as a tree, and what stands in them',
  async go({ tributary, show }) {
    // region: spaces
    const query = { include: 'devices', limit: 100 } as const;
    const forest = await tributary.list('/v1/spaces/tree', { query }).all();
    for (const { depth, space, devices } of forest.slice(0, 8)) {
      show(`${'  '.repeat(depth)}${space.name} (${space.kind})`, `${devices?.length ?? 0} devices`);
    }
    // endregion
    const depthOf = new Map(forest.map(({ space, depth }) => [space.id, depth]));
    const inner = forest.filter(({ space }) => space.parentId !== undefined);
    must(inner.length > 0, 'spaces within spaces');
    must(
      inner.every(({ space, depth }) => depthOf.get(space.parentId ?? '') === depth - 1),
      'every space one level below the one it lies in',
    );
    must(
      forest.some(({ devices = [] }) => devices.length > 0),
      'devices in spaces',
    );
  },
};
