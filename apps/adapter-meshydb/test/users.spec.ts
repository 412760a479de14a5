import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { failureOf, never, type Rig, startRig } from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.stop());

const users = () => {
  const found = rig.adapter.users;
  if (!found) throw new Error('no users');
  return found;
};
const registered = (username: string, attributes = {}) => users().register?.({ username, attributes }, never);
const listed = async () => {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await users().list?.({ limit: 2, ...(cursor === undefined ? {} : { cursor }) }, never);
    names.push(...(page?.items ?? []).map(({ username }) => username));
    cursor = page?.nextCursor;
  } while (cursor !== undefined);
  return names;
};

describe('users', () => {
  it('MESHY-05 whoever the connection is logged in as', async () => {
    expect(await users().current?.(never)).toMatchObject({ username: 'operator', active: true });
  });

  it('MESHY-02 one is registered, found and read', async () => {
    expect(await users().exists?.('pump 1/2', never)).toBe(false);
    const made = await registered('pump 1/2');
    expect(made).toMatchObject({ username: 'pump 1/2', active: true, attributes: { anonymous: true } });
    expect(await users().exists?.('pump 1/2', never)).toBe(true);
    expect(await listed()).toContain('pump 1/2');
    expect(await failureOf(registered('pump 1/2'))).toMatchObject({ code: 'conflict' });
  });

  it('MESHY-21 one with a password is registered by the later API, and removed', async () => {
    const made = await users().register?.(
      { username: 'bob', email: 'bob@example.com', displayName: 'Bob', attributes: { password: 'secret-bob' } },
      never,
    );
    expect(made).toMatchObject({ username: 'bob', email: 'bob@example.com', displayName: 'Bob' });
    expect(JSON.stringify(made)).not.toContain('secret-bob');
    expect(await listed()).toContain('bob');
    await users().remove?.(made?.nativeId ?? '', never);
    expect(await listed()).not.toContain('bob');
  });

  it('refuses what no user can be', async () => {
    expect(await failureOf(users().register?.({ attributes: {} }, never))).toMatchObject({ code: 'invalid-request' });
    expect(await failureOf(registered('x', { colour: 'red' }))).toMatchObject({ code: 'invalid-request' });
    expect(await failureOf(registered('x', { firstName: 'X' }))).toMatchObject({ code: 'invalid-request' });
    expect(await failureOf(users().list?.({ limit: 5, cursor: 'x' }, never))).toMatchObject({
      code: 'invalid-request',
    });
  });

  it('says what an account without the later API cannot do', async () => {
    const bare = await startRig({ extended: false });
    expect(await failureOf(bare.adapter.users?.list?.({ limit: 5 }, never))).toMatchObject({ code: 'unsupported' });
    await bare.stop();
  });
});
