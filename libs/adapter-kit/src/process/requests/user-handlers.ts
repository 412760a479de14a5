import { given, method, type On } from './capability.ts';

/** Users as the platform has them. */
export function userHandlers(on: On) {
  return {
    'users.list': on(
      'users.list',
      (adapter) => method(adapter.users, 'list'),
      (list, { payload: { limit, cursor }, signal }) => list({ limit, ...given({ cursor }) }, signal),
    ),
    'users.exists': on(
      'users.exists',
      (adapter) => method(adapter.users, 'exists'),
      async (exists, { payload, signal }) => ({ exists: await exists(payload.username, signal) }),
    ),
    'users.current': on(
      'users.current',
      (adapter) => method(adapter.users, 'current'),
      (current, { signal }) => current(signal),
    ),
    'users.register': on(
      'users.register',
      (adapter) => method(adapter.users, 'register'),
      (register, { payload, signal }) => register(payload.draft, signal),
    ),
    'users.invite': on(
      'users.invite',
      (adapter) => method(adapter.users, 'invite'),
      (invite, { payload, signal }) => invite(payload.draft, signal),
    ),
    'users.remove': on(
      'users.remove',
      (adapter) => method(adapter.users, 'remove'),
      async (remove, { payload, signal }) => {
        await remove(payload.nativeId, signal);
        return {};
      },
    ),
  };
}
