import { describe, expect, it } from '@jest/globals';
import { failureOf, get, reply, vendorRig } from './testing/vendor-rig.ts';

const rig = vendorRig();

describe('tokens', () => {
  it('logs in once for fifty callers whose token is refused', async () => {
    let valid = 'token-1';
    let logIns = 0;
    rig.handler = (request, response) => reply(response, request.headers.authorization === valid ? 200 : 401, '{}');
    const made = rig.http({
      token: {
        acquire: async () => {
          logIns += 1;
          return { value: `token-${logIns}` };
        },
        attach: (token, headers) => {
          headers.authorization = token;
        },
      },
    });
    await made.send(get('/'));
    valid = 'token-2';
    await Promise.all(Array.from({ length: 50 }, () => made.send(get('/'))));
    expect(logIns).toBe(2);
  });

  it('tries a refused log-in once, whoever asks', async () => {
    let logIns = 0;
    rig.handler = (_request, response) => reply(response, 401, '');
    const made = rig.access();
    const vendor = made.kit.http({
      baseUrl: rig.baseUrl,
      token: {
        acquire: async (_previous, signal) => {
          logIns += 1;
          const request = get('/login', { method: 'POST', anonymous: true, operation: 'LOGIN', signal });
          return { value: (await vendor.send(request)).text };
        },
        attach: () => undefined,
      },
    });
    const failures = await Promise.all(Array.from({ length: 50 }, () => failureOf(vendor.send(get('/')))));
    failures.push(await failureOf(vendor.send(get('/'))));
    for (const error of failures) expect(error).toMatchObject({ code: 'authentication' });
    expect(logIns).toBe(1);
    expect(rig.seen).toHaveLength(1);
    made.resetTokens();
    await failureOf(vendor.send(get('/')));
    expect(logIns).toBe(2);
  });

  it('does not log in again and again for one call that is always refused', async () => {
    let logIns = 0;
    rig.handler = (request, response) => reply(response, request.url === '/never' ? 401 : 200, '');
    const vendor = rig.http({
      token: { acquire: async () => ({ value: `t${++logIns}` }), attach: () => undefined },
    });
    for (let n = 0; n < 5; n++) {
      expect(await failureOf(vendor.send(get('/never')))).toMatchObject({ code: 'authentication' });
      await vendor.send(get('/fine'));
    }
    expect(logIns).toBe(2);
  });
});
