import { ConflictError, NotFoundError, type PlatformUser } from '@tributary/contracts';
import type { RequestHandlers } from '@tributary/messaging';

/** Users of a vendor. */
export function fakeUsers(): RequestHandlers {
  const users = new Map<string, PlatformUser>();
  const put = (nativeId: string, username: string, email?: string): PlatformUser => {
    const user = { nativeId, username, attributes: {}, ...(email === undefined ? {} : { email }) };
    users.set(nativeId, user);
    return user;
  };
  const me = put('u/1', 'reader');
  for (let n = 2; n <= 5; n += 1) put(`u/${n}`, `user-${n}`);
  const taken = (username: string) => [...users.values()].some((user) => user.username === username);
  return {
    'users.list': async ({ limit, cursor }) => {
      const from = Number(cursor ?? 0);
      const all = [...users.values()];
      return {
        items: all.slice(from, from + limit),
        ...(from + limit < all.length ? { nextCursor: String(from + limit) } : {}),
      };
    },
    'users.exists': async ({ username }) => ({ exists: taken(username) }),
    'users.current': async () => me,
    'users.register': async ({ draft: { username = 'nobody', email } }) => {
      if (taken(username)) throw new ConflictError('the name is taken');
      return put(`u/${username}`, username, email);
    },
    'users.invite': async ({ draft: { email = 'nobody@example.com' } }) => put(`i/${email}`, email, email),
    'users.remove': async ({ nativeId }) => {
      if (!users.delete(nativeId)) throw new NotFoundError('no such user');
      return {};
    },
  };
}
