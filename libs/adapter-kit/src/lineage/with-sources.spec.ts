import { describe, expect, it } from '@jest/globals';
import type { VendorHttp } from '../connection-kit.ts';
import type { Page, PointBatch } from '../contract.ts';
import { get, reply, vendorRig } from '../http/testing/vendor-rig.ts';
import { interleave } from '../interleave.ts';
import { bytesDigest } from './via-of.ts';
import { withSources } from './with-sources.ts';

const pointsOf = (device: string): PointBatch => ({ device, origin: 'poll', points: [] });
const page = (...devices: string[]): Page<PointBatch> => ({ items: devices.map(pointsOf) });

/** Device -> paths of the calls that are said to have brought it. */
async function told(pages: AsyncIterable<Page<PointBatch>>): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for await (const { items } of withSources(pages)) {
    for (const { device, via } of items)
      found[device] = (via?.calls ?? []).map((call) => new URL(call.address).pathname);
  }
  return found;
}

describe('sources of what a poll brings', () => {
  const rig = vendorRig();
  const http = (): VendorHttp => rig.http({}, rig.access({ hidden: ['s3cret-user'] }));

  it('are the calls since the page before', async () => {
    rig.handler = (_request, response) => reply(response, 200, '{}');
    const vendor = http();
    async function* pages() {
      yield page('none');
      await vendor.send(get('/one'));
      yield page('first');
      yield page('second of the same answer');
      await vendor.send(get('/two'));
      await vendor.send(get('/three'));
      yield page('both', 'of them');
    }
    expect(await told(pages())).toEqual({
      none: [],
      first: ['/one'],
      'second of the same answer': ['/one'],
      both: ['/two', '/three'],
      'of them': ['/two', '/three'],
    });
  });

  it('are told apart where several are read beside each other', async () => {
    // The answers come in another order than they were asked for.
    const waiting: (() => void)[] = [];
    rig.handler = (_request, response) => {
      waiting.unshift(() => reply(response, 200, '{}'));
      if (waiting.length === 3) for (const answer of waiting.splice(0)) answer();
    };
    const vendor = http();
    const never = new AbortController().signal;
    async function* visit(device: string) {
      for (const part of [1, 2]) {
        await vendor.send(get(`/${device}/${part}`));
        yield `${device} ${part}`;
      }
    }
    async function* pages() {
      for await (const found of interleave(['a', 'b', 'c'], 3, visit, never)) yield page(found);
    }
    const names = ['a', 'b', 'c'].flatMap((device) =>
      [1, 2].map((part) => [`${device} ${part}`, [`/${device}/${part}`]]),
    );
    expect(await told(pages())).toEqual(Object.fromEntries(names));
  });

  it('say what was asked and what came, and no secret', async () => {
    const body = '{"value":1}';
    rig.handler = ({ url }, response) =>
      reply(response, url === '/log-in' ? 200 : url?.startsWith('/gone') ? 404 : 200, body);
    const vendor = http();
    async function* pages() {
      await vendor.send(get('/log-in', { anonymous: true }));
      await vendor.send(get('/gone')).catch(() => undefined);
      await vendor.send(get('/of/s3cret-user/by/jane?access_token=abc&from=1', { personal: ['jane'] }));
      yield page('device');
    }
    for await (const { items } of withSources(pages())) {
      expect(items[0]?.via?.calls).toEqual([
        {
          operation: 'ACME-01',
          method: 'GET',
          address: `${rig.baseUrl}/of/***/by/***?access_token=***&from=1`,
          status: 200,
          at: expect.stringMatching(/Z$/),
          ms: expect.any(Number),
          bytes: body.length,
          digest: bytesDigest(Buffer.from(body)),
        },
      ]);
    }
  });
});
