import { must, type Stop, type Tour, TourProblem } from '../stop.ts';

const connectionTo = async ({ tributary }: Tour, platform: string): Promise<string> => {
  const found = await tributary.list('/v1/connections', { query: { filter: `platform eq "${platform}"` } }).all(1);
  return must(found[0], `a connection to ${platform}`).id;
};

export const found: Stop = {
  title: 'Entities: records of a platform as they are there now, filtered',
  async go(tour) {
    const { tributary, show } = tour;
    const connectionId = await connectionTo(tour, 'octomesh');
    // region: entities
    const path = { connectionId, type: 'Industry.Energy/EnergyMeter' };
    const query = { filter: 'attributes.status eq "Active" and attributes.maxCapacity ge 50', limit: 3 };
    const { items } = await tributary.get('/v1/connections/{connectionId}/entities/{type}', { path, query });
    for (const { nativeId, name, attributes } of items)
      show(nativeId, name, attributes.manufacturer, attributes.maxCapacity);
    // endregion
    must(items.length > 0, 'active meters');
    must(
      items.every(({ attributes }) => attributes.status === 'Active'),
      'active meters alone',
    );
  },
};

export const everywhere: Stop = {
  title: 'One question over the records of several platforms; each source says how it fared',
  async go({ tributary, show }) {
    // region: federation
    const { items, meta } = await tributary.post('/v1/entities:query', {
      body: { types: ['location', 'Industry.Common/Location'], sort: 'name', limit: 100 },
    });
    for (const { platform, type, name } of items.slice(0, 5)) show(platform, type, name ?? '');
    for (const { platform, type, status, vendorCalls } of meta.sources) show(platform, type, status, vendorCalls ?? 0);
    // endregion
    must(meta.complete, 'every source to answer');
    must(new Set(items.map(({ platform }) => platform)).size > 1, 'records of several platforms in one order');
  },
};

const ENTITIES = '/v1/connections/{connectionId}/entities/{type}';
const ENTITY = '/v1/connections/{connectionId}/entities/{type}/{nativeId}';

export const changed: Stop = {
  title: 'An entity is made, changed by one of two writers, and removed',
  async go(tour) {
    const { tributary, show } = tour;
    const at = { connectionId: await connectionTo(tour, 'octomesh'), type: 'Industry.Common/Location' };
    // region: change
    const made = await tributary.post(ENTITIES, { path: at, body: { attributes: { name: 'Tour hall' } } });
    const path = { ...at, nativeId: made.nativeId };
    const renamed = await tributary.change(ENTITY, { path }, ({ attributes }) => ({
      attributes: { name: `${attributes.name}, renamed` },
    }));
    const late = { path, ifMatch: made.etag, body: { attributes: { name: 'by somebody who read before' } } };
    const refused = await tributary.patch(ENTITY, late).catch((error) => error.code);
    await tributary.delete(ENTITY, { path, ifMatch: renamed.etag });
    // endregion
    must(renamed.attributes.name === 'Tour hall, renamed', `the new name, not ${renamed.attributes.name}`);
    must(refused === 'precondition-failed', `the late writer to be refused, not ${JSON.stringify(refused)}`);
    show(made.nativeId, '→', renamed.attributes.name, '→ the late writer:', refused, '→ removed');
    await tributary.get(ENTITY, { path }).then(
      () => Promise.reject(new TourProblem('expected it to be gone')),
      (error) => must(error.status === 404, `404, not ${error.message}`),
    );
  },
};

export const users: Stop = {
  title: 'Users, as the platform has them',
  async go(tour) {
    const { tributary, show } = tour;
    const path = { connectionId: await connectionTo(tour, 'meshydb') };
    const some = await tributary.list('/v1/connections/{connectionId}/users', { path }).all(3);
    must(some.length > 0, 'users');
    for (const { username, displayName, active } of some) show(username, displayName ?? '', active ? 'active' : '');
  },
};

export const files: Stop = {
  title: 'Files, with where they are, and one of them whole',
  async go({ tributary, show }) {
    const filter = 'location eq "both" or location eq "platform"';
    const [file] = await tributary.list('/v1/files', { query: { filter, sort: '-from' } }).all(1);
    const { id: fileId, name, sizeBytes } = must(file, 'a file');
    // region: file
    const answer = await tributary.open('get', '/v1/files/{fileId}/content', { path: { fileId } });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    // endregion
    show(name, `${bytes.length} bytes`);
    must(sizeBytes === undefined || bytes.length === sizeBytes, `${sizeBytes} bytes, not ${bytes.length}`);
  },
};
