import { type Adapter, path, type VendorHttp, type VendorRequest } from '@tributary/adapter-kit';
import { z } from 'zod';

const usersAnswer = z.object({ users: z.array(z.string()) });
const targetsAnswer = z.object({ targets: z.array(z.string()) });
const graphqlAnswer = z.object({ data: z.json(), extensions: z.json() });
const tokenAnswer = z.object({ key: z.string() });
const uploadAnswer = z.object({ id: z.string(), name: z.string() });

type Extras = Required<Pick<Adapter, 'entities' | 'users' | 'graphql' | 'login'>>;
type Call = (method: VendorRequest['method'], to: string, more: Partial<VendorRequest>) => VendorRequest;

const record = (nativeId: string) => ({ type: 'thing', nativeId, etag: '1', attributes: {} });
const user = (username: string) => ({ nativeId: username, username, attributes: {} });

/** Every capability that answers questions only. */
export function acmeExtras(http: VendorHttp, account: string): Extras {
  const call: Call = (method, to, more) => ({
    method,
    path: `${path`/${account}`}${to}`,
    operation: 'ACME-EXTRA',
    lane: 'interactive',
    idempotent: method === 'GET',
    ...more,
  });
  return { entities: entities(http, call), users: users(http, call), ...graphqlAndLogin(http, call) };
}

export const acmeUpload =
  (http: VendorHttp, account: string): NonNullable<NonNullable<Adapter['files']>['upload']> =>
  async ({ name, mediaType, sizeBytes, bytes }, signal) => {
    const request: VendorRequest = {
      method: 'PUT',
      path: path`/${account}/uploads/${name}`,
      operation: 'ACME-UPLOAD',
      lane: 'interactive',
      idempotent: false,
      body: { bytes, mediaType, ...(sizeBytes === undefined ? {} : { sizeBytes }) },
      signal,
    };
    const { id } = await http.json(request, uploadAnswer);
    return { nativeId: id, name };
  };

function entities(http: VendorHttp, call: Call): Extras['entities'] {
  return {
    types: async () => [],
    query: async () => ({ items: [] }),
    get: async (_type, id) => record(id),
    related: async (_type, id, relation, { limit }, signal) => {
      const { targets } = await http.json(call('GET', path`/relations/${id}/${relation}`, { signal }), targetsAnswer);
      const more = targets.length > limit ? { nextCursor: String(limit) } : {};
      return { items: targets.slice(0, limit).map(record), ...more };
    },
    relate: async (_type, id, relation, targets, signal) => {
      await http.send(call('POST', path`/relations/${id}/${relation}`, { json: { targets }, signal }));
    },
  };
}

function users(http: VendorHttp, call: Call): Extras['users'] {
  const all = async (signal: AbortSignal) => (await http.json(call('GET', '/users', { signal }), usersAnswer)).users;
  const add = async (name: string, signal: AbortSignal) => {
    await http.send(call('POST', '/users', { json: { name }, signal }));
    return user(name);
  };
  return {
    list: async ({ limit }, signal) => ({ items: (await all(signal)).slice(0, limit).map(user) }),
    exists: async (name, signal) => (await all(signal)).includes(name),
    current: async (signal) => user((await all(signal))[0] ?? ''),
    register: ({ username = '' }, signal) => add(username, signal),
    invite: ({ email = '' }, signal) => add(email, signal),
    remove: async (id, signal) => void (await http.send(call('DELETE', path`/users/${id}`, { signal }))),
  };
}

function graphqlAndLogin(http: VendorHttp, call: Call): Pick<Extras, 'graphql' | 'login'> {
  return {
    graphql: {
      execute: ({ query, variables }, signal) =>
        http.json(call('POST', '/graphql', { json: { query, variables }, signal }), graphqlAnswer),
    },
    login: {
      begin: async ({ redirectUri, state }) => ({
        url: `https://login.example/?redirect_uri=${encodeURIComponent(redirectUri)}&state=${state}`,
        carry: { verifier: 'secret-verifier' },
      }),
      finish: async ({ code, carry }, signal) => {
        const form = { code, verifier: carry.verifier ?? '' };
        const { key } = await http.json(call('POST', '/token', { form, signal }), tokenAnswer);
        return { credentials: { key }, account: 'ada' };
      },
    },
  };
}
