import { describe, expect, it } from '@jest/globals';
import { credentials, settings } from './config.ts';

const base = { accountName: 'acme' };
const mapping = { mesh: 'Reading', deviceField: 'device', timeField: 'ts', values: [{ field: 'a' }] };

describe('configuration', () => {
  it('names of meshes are compared without regard to case', () => {
    const read = settings.parse({ ...base, meshes: [{ name: 'WorkOrder', type: 'work_order' }], documents: [mapping] });
    expect(read.meshes[0]).toMatchObject({ name: 'workorder', type: 'work_order' });
    expect(read.documents[0]?.mesh).toBe('reading');
    expect(read).toMatchObject({
      apiUrl: 'https://api.meshydb.com',
      authUrl: 'https://auth.meshydb.com',
      pageSize: 200,
    });
  });

  it.each([
    [{ meshes: [{ name: 'work_order' }] }],
    [{ meshes: [{ name: 'a' }, { name: 'A' }] }],
    [
      {
        meshes: [
          { name: 'a', type: 'x' },
          { name: 'b', type: 'x' },
        ],
      },
    ],
    [{ documents: [mapping, mapping] }],
    [{ documents: [{ ...mapping, values: [{ field: 'a' }, { field: 'b', signal: 'a' }] }] }],
    [{ documents: [{ ...mapping, deviceField: '$where' }] }],
    [{ pageSize: 201 }],
    [{ accountName: 'a/b' }],
    [{ tenant: 'two\nlines' }],
  ])('refuses %j', (more) => expect(settings.safeParse({ ...base, ...more }).success).toBe(false));

  it('a user with a password, or an anonymous one', () => {
    expect(credentials.safeParse({ publicKey: 'k', username: 'u', password: 'p' }).success).toBe(true);
    expect(credentials.safeParse({ publicKey: 'k', anonymous: 'u' }).success).toBe(true);
    expect(credentials.safeParse({ publicKey: 'k', anonymous: 'u', password: 'p' }).success).toBe(false);
    expect(credentials.safeParse({ publicKey: 'k', username: 'u' }).success).toBe(false);
  });
});
