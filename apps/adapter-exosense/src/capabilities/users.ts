import type { Adapter, Call } from '@tributary/adapter-kit';
import { InvalidRequestError, MalformedResponseError, UnsupportedError } from '@tributary/contracts';
import type { Instance } from '../instance.ts';
import { platformUser } from '../mapping.ts';
import * as wire from '../wire.ts';
import { nextCursor, offsetOf } from './entities.cursor.ts';

const PER_PAGE = 100;

/** People and tokens of the instance; inviting and removing as far as its schema has it. */
export function usersCapability(instance: Instance): NonNullable<Adapter['users']> {
  const interactive = (signal: AbortSignal): Call => ({ lane: 'interactive', signal });
  return {
    list: async (page, signal) => {
      const offset = offsetOf(page.cursor);
      const limit = Math.min(page.limit, PER_PAGE);
      const { rows, items } = await instance.users({ limit, offset }, interactive(signal));
      return { items: items.map(platformUser), ...nextCursor(offset, rows, limit) };
    },
    current: async (signal) => platformUser(await instance.currentUser(interactive(signal))),
    invite: async (draft, signal) => {
      if (!draft.email) throw new InvalidRequestError('ExoSense invites by e-mail: email is missing');
      const call: Call = { lane: 'command', signal };
      const values = {
        ...draft.attributes,
        email: draft.email,
        ...(draft.displayName === undefined ? {} : { name: draft.displayName }),
      };
      const read = wire.user.safeParse(await instance.change('inviteUser', values, call));
      if (!read.success) throw new MalformedResponseError('inviteUser: expected a user');
      return platformUser(read.data);
    },
    remove: async (id, signal) => {
      const call: Call = { lane: 'command', signal };
      if (!(await instance.offered(call)).has('deleteUser')) {
        throw new UnsupportedError('the schema of this instance cannot remove users');
      }
      await instance.remove('deleteUser', id, call);
    },
  };
}
