import pg from 'pg';
import { FenceError, type WorkspaceFence } from './workspace-fence.ts';

/** Made by the migration; it owns nothing and no policy lets it by. */
export const FENCED_ROLE = 'tributary_api';

const TAKE_ROLE = `select set_config('role', '${FENCED_ROLE}', false), set_config('search_path', '${FENCED_ROLE}, public', false)`;
/** Asked as the role: false for a superuser, an owner, a role with BYPASSRLS, and where the policies are missing. */
const HOLDS = `select current_user::text = '${FENCED_ROLE}' and row_security_active('connection') as holds`;
const SHOW = `select set_config('tributary.workspace', $1, false)`;

type Release = (error?: Error | boolean) => void;
type Lend = (error: Error | undefined, client: pg.PoolClient | undefined, release: Release) => void;

/**
 * A pool whose connections see the rows of one workspace: that which is served where a connection is asked for. A
 * connection is told when that differs from the last time, before it is lent; one that cannot be told is given up. So no
 * statement, however careless, sees or writes what is another workspace's.
 *
 * The setting is the session's: a pooler between here and Postgres must give each client a session of its own.
 */
export class FencedPool extends pg.Pool {
  readonly #fence: WorkspaceFence;
  /** What each connection shows; one that is not in here is not behind the fence yet. */
  readonly #shown = new WeakMap<pg.PoolClient, string>();

  constructor(fence: WorkspaceFence, config: pg.PoolConfig) {
    super(config);
    this.#fence = fence;
  }

  /** Also what `query` calls. Fails with `FenceError` outside a request. */
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Lend): void;
  override connect(callback?: Lend): Promise<pg.PoolClient> | undefined {
    if (callback) {
      this.#lend(callback);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#lend((error, client) => (client ? resolve(client) : reject(error)));
    });
  }

  #lend(lend: Lend): void {
    let workspace: string;
    try {
      workspace = this.#fence.served() ?? '';
    } catch (error) {
      lend(error as Error, undefined, () => undefined);
      return;
    }
    super.connect((error, client, release) => {
      if (!client || this.#shown.get(client) === workspace) {
        lend(error, client, release);
        return;
      }
      this.#show(client, workspace).then(
        () => lend(undefined, client, release),
        (failure: Error) => {
          release(failure);
          lend(failure, undefined, () => undefined);
        },
      );
    });
  }

  async #show(client: pg.PoolClient, workspace: string): Promise<void> {
    if (!this.#shown.has(client)) await takeRole(client);
    await client.query(SHOW, [workspace]);
    this.#shown.set(client, workspace);
  }
}

async function takeRole(client: pg.ClientBase): Promise<void> {
  await client.query(TAKE_ROLE).catch((cause: unknown) => {
    if (!(cause instanceof pg.DatabaseError)) throw cause;
    throw new FenceError(
      `the fence between workspaces cannot be put up: ${cause.message}; migrate the database, or let a superuser run: CREATE ROLE ${FENCED_ROLE} NOLOGIN; GRANT ${FENCED_ROLE} TO the user of DATABASE_URL`,
      { cause },
    );
  });
  const { rows } = await client.query<{ holds: boolean }>(HOLDS);
  if (!rows[0]?.holds) {
    throw new FenceError(`the fence between workspaces does not hold: the policies do not bind ${FENCED_ROLE}`);
  }
}
