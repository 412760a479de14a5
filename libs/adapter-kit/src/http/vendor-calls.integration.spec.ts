import { describe, expect, it } from '@jest/globals';
import { failureOf, get, reply, vendorRig } from './testing/vendor-rig.ts';
import { countingVendorCalls } from './vendor-calls.ts';

const rig = vendorRig();

async function counted<T>(work: () => Promise<T>): Promise<{ calls: number; outcome: T | Error }> {
  let calls = -1;
  const outcome = await countingVendorCalls(work, (told) => {
    calls = told;
  }).catch((error: Error) => error);
  return { calls, outcome };
}

describe('what a question costs the platform', () => {
  it('is every request that arrived there: pages, repetitions, log-ins, of this question and no other', async () => {
    let refusals = 1;
    rig.handler = ({ url, headers }, response) => {
      if (url === '/login') return reply(response, 200, 'token');
      if (headers.authorization === undefined) return reply(response, 401, '');
      if (url === '/shaky' && refusals-- > 0) return reply(response, 503, '');
      return reply(response, 200, '{}');
    };
    const made = rig.access();
    const vendor = made.kit.http({
      baseUrl: rig.baseUrl,
      token: {
        acquire: async () => ({ value: (await vendor.send(get('/login', { anonymous: true }))).text }),
        attach: (token, headers) => {
          headers.authorization = token;
        },
      },
    });
    const shaky = await counted(() => vendor.send(get('/shaky')));
    expect(rig.seen.map(({ url }) => url)).toEqual(['/login', '/shaky', '/shaky']);
    expect(shaky.calls).toBe(3);
    const [three, one] = await Promise.all([
      counted(async () => {
        for (const page of ['/1', '/2', '/3']) await vendor.send(get(page));
      }),
      counted(() => vendor.stream(get('/file'))),
      vendor.send(get('/nobody-asked')),
    ]);
    expect([three.calls, one.calls]).toEqual([3, 1]);
    expect(rig.seen).toHaveLength(8);
  });

  it('is told with a failure too, and is nothing where the platform could not be reached', async () => {
    rig.handler = (_request, response) => reply(response, 404, '');
    const vendor = rig.http();
    const refused = await counted(() => failureOf(vendor.send(get('/missing'))).then((error) => Promise.reject(error)));
    expect(refused).toMatchObject({ calls: 1, outcome: { code: 'not-found' } });
    const nobody = rig.http({ baseUrl: 'http://127.0.0.1:1' });
    const lost = await counted(() => nobody.send(get('/')));
    expect(lost).toMatchObject({ calls: 0, outcome: { code: 'unavailable' } });
  });
});
