import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { caller, makeWorld, seed, type World } from './world/world.ts';

let world: World;
let call: ReturnType<typeof caller>;
let url: string;

beforeAll(async () => {
  world = await makeWorld({ allowPrivateAddresses: false });
  call = caller(world, await world.key('default'));
  url = `/v1/connections/${(await seed(world, 'default')).connectionId}`;
});
afterAll(async () => {
  await world.close();
});

describe('an address inside', () => {
  it.each(['http://169.254.169.254/latest', 'https://127.0.0.1', 'https://localhost', 'http://acme.example'])(
    'is refused where a connection is made, tried or changed, and nobody is asked: %s',
    async (baseUrl) => {
      const draft = {
        platform: 'acme',
        name: 'n',
        settings: { baseUrl },
        credentials: { user: 'u', password: 'p'.repeat(9) },
      };
      const before = world.platform.asked.length;
      const answers = [
        await call('POST', '/v1/connections', draft),
        await call('POST', '/v1/connections:test', draft),
        await call('PATCH', url, { settings: { baseUrl } }, { 'if-match': '*' }),
      ];
      for (const answer of answers) {
        expect(answer.json()).toMatchObject({ status: 400, errors: [{ pointer: '/body/settings/baseUrl' }] });
        expect(answer.body).not.toContain(baseUrl);
      }
      expect(world.platform.asked).toHaveLength(before);
    },
  );
});
