import { z } from 'zod';
import { action } from '../kit/actions.ts';
import { ACCOUNTS } from './accounts.ts';
import { checkPipeline } from './projections.ts';
import type { MeshydbState } from './state.ts';
import { meshName } from './tenant.ts';
import { shownUser, type User } from './users.ts';

const user = { username: z.string() };

/** What the vendor's administrators can do to the demonstration's tenant. */
export function vendorActions(state: MeshydbState) {
  const account = () => state.account(ACCOUNTS.demo);
  return {
    users: action('lists the users', z.strictObject({}), () => state.demo.users.all().map(shownUser)),
    'deactivate-user': action(
      'a user can log in and refresh no more, or again; access tokens go on until they expire, unless they are revoked',
      z.strictObject({ ...user, active: z.boolean().default(false) }),
      (input) => {
        findUser(state, input.username).isActive = input.active;
      },
    ),
    'set-password': action(
      'gives a user another password',
      z.strictObject({ ...user, password: z.string() }),
      (input) => {
        findUser(state, input.username).password = input.password;
      },
    ),
    revoke: action(
      'ends the log-ins of a user, or of everybody: refresh tokens are worth nothing, and access tokens neither',
      z.strictObject({ username: z.string().optional(), accessTokens: z.boolean().default(true) }),
      ({ username, accessTokens }) => {
        const found = username === undefined ? undefined : findUser(state, username);
        if (accessTokens)
          for (const one of found ? [found] : state.demo.users.all()) one.revokedThrough = state.access.count;
        return { ended: state.refresh.revokeAll(found?.id) };
      },
    ),
    'expire-refresh-tokens': action('all refresh tokens are expired', z.strictObject({}), () =>
      state.refresh.expireAll(),
    ),
    rotation: action(
      'whether refresh tokens are good once, and a new one comes with each refresh',
      z.strictObject({ on: z.boolean() }),
      ({ on }) => {
        state.refresh.rotation = on;
      },
    ),
    'database-full': action(
      'whether the database of the account is full: what would write is answered 429',
      z.strictObject({ full: z.boolean().default(true) }),
      ({ full }) => {
        account().databaseFull = full;
      },
    ),
    'set-limits': action(
      'requests of the account per rolling window; 0 is no limit',
      z.strictObject({
        requests: z.number().int().min(0),
        windowMs: z.number().int().min(1).default(60_000),
        retryAfter: z.boolean().default(false),
      }),
      (limits) => {
        account().limits = limits;
      },
    ),
    'public-registration': action(
      'whether anybody can register as a user',
      z.strictObject({ enabled: z.boolean() }),
      ({ enabled }) => {
        state.publicRegistration = enabled;
      },
    ),
    'verification-code': action(
      'the code that was sent to a user to verify an address, or for a forgotten password',
      z.strictObject({ ...user, attempt: z.number().int().min(1).default(1) }),
      (input) => ({ verificationCode: state.verifications.codeFor(findUser(state, input.username), input.attempt) }),
    ),
    'store-projection': action(
      'somebody stores an aggregation in the portal',
      z.strictObject({
        name: z.string().regex(/^[A-Za-z]+$/),
        mesh: z.string(),
        pipeline: z.array(z.record(z.string(), z.unknown())).min(1),
      }),
      ({ name, mesh, pipeline }) => {
        checkPipeline(pipeline);
        state.demo.projections.set(name.toLowerCase(), { mesh: meshName(mesh), pipeline });
      },
    ),
    'anonymous-registration': action(
      'whether anonymous users can be registered',
      z.strictObject({ enabled: z.boolean() }),
      ({ enabled }) => {
        state.anonymousRegistration = enabled;
      },
    ),
  };
}

/** Throws RangeError. */
function findUser(state: MeshydbState, username: string): User {
  const found = state.demo.users.named(username);
  if (!found) throw new RangeError(`no user is called ${username}`);
  return found;
}
