import type { Adapter, Call } from '@tributary/adapter-kit';
import {
  ConflictError,
  InvalidRequestError,
  isPlatformError,
  type PlatformUserDraft,
  UnsupportedError,
} from '@tributary/contracts';
import type { MeshydbClient, NewUser } from '../client.ts';
import { platformUser } from '../mapping.ts';

const MOST = 200;

/** Users of the tenant. Listing, removing and registering with a password are calls of the vendor's later pages. */
export function usersCapability(client: MeshydbClient): NonNullable<Adapter['users']> {
  const asking = (signal: AbortSignal): Call => ({ lane: 'interactive', signal });
  const ordering = (signal: AbortSignal): Call => ({ lane: 'command', signal });
  return {
    exists: (username, signal) => client.exists(username, asking(signal)),
    current: async (signal) => platformUser(await client.me(asking(signal))),

    register: async (draft, signal) => {
      const call = ordering(signal);
      const { username } = draft;
      if (username === undefined) throw new InvalidRequestError('username is missing');
      const body = newUser({ ...draft, username });
      if (await client.exists(username, call)) throw taken();
      try {
        if (body === undefined) return platformUser(await client.registerAnonymous(username, call));
        return platformUser(await later(() => client.createUser(body, call)));
      } catch (error) {
        // Somebody was faster: the platform says it in words only.
        const refused = isPlatformError(error) && error.code === 'invalid-request';
        if (refused && (await client.exists(username, call))) throw taken();
        throw error;
      }
    },

    list: async ({ limit, cursor }, signal) => {
      const asked = pageOf(cursor, limit);
      const { items, rows, total } = await later(() => client.users(asked, asking(signal)));
      const more = total === undefined ? rows === asked.pageSize : asked.page * asked.pageSize < total;
      return {
        items: items.map(platformUser),
        ...(more && rows > 0 ? { nextCursor: `${asked.page + 1}/${asked.pageSize}` } : {}),
      };
    },

    remove: async (id, signal) => {
      await client.removeUser(id, ordering(signal));
    },
  };
}

const taken = () => new ConflictError('the name is taken');

const KNOWN = ['password', 'firstName', 'lastName', 'phoneNumber', 'securityQuestions', 'verified', 'isActive'];

/**
 * What MESHY-21 takes; undefined for an anonymous user, who has a name and nothing else. Throws `InvalidRequestError`
 * for what a user cannot have.
 */
function newUser({
  username,
  email,
  displayName,
  attributes,
}: PlatformUserDraft & { username: string }): NewUser | undefined {
  const strange = Object.keys(attributes).filter((name) => !KNOWN.includes(name));
  if (strange.length > 0)
    throw new InvalidRequestError(`a user has no ${strange.slice(0, 5).join(', ').slice(0, 200)}`);
  const { password, ...rest } = attributes;
  const named = email !== undefined || displayName !== undefined || Object.keys(rest).length > 0;
  if (password === undefined && named) {
    throw new InvalidRequestError('without attributes.password a user is anonymous, and has a username alone');
  }
  if (password === undefined) return undefined;
  if (typeof password !== 'string' || password === '') throw new InvalidRequestError('attributes.password is no text');
  const firstName = displayName === undefined ? {} : { firstName: displayName };
  return {
    username,
    newPassword: password,
    ...firstName,
    ...rest,
    ...(email === undefined ? {} : { emailAddress: email }),
  };
}

/** A call of the later pages: an account that does not have it knows no such address. */
async function later<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'not-found') throw error;
    throw new UnsupportedError('this MeshyDB account does not answer the calls of its later API', { cause: error });
  }
}

function pageOf(cursor: string | undefined, limit: number): { page: number; pageSize: number } {
  if (cursor === undefined) return { page: 1, pageSize: Math.min(limit, MOST) };
  const [, page, pageSize] = /^([1-9]\d{0,8})\/([1-9]\d{0,2})$/.exec(cursor) ?? [];
  if (page === undefined || Number(pageSize) > MOST)
    throw new InvalidRequestError('the cursor is not one of this listing');
  return { page: Number(page), pageSize: Number(pageSize) };
}
