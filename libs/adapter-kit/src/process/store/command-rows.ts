import type { CommandState } from '@tributary/contracts';
import { CommandLedger, Commands, type Database, type StoredCommand } from '@tributary/database';
import type { Clock } from '@tributary/runtime';
import type { Checkpoint } from '../../contract.ts';
import type { Ledger, LedgerCommand, Step } from '../ports.ts';

/** Orders come over the queue within seconds; one that is older than this has been lost on the way. */
const LOST_MS = 30_000;

const COLUMNS = `c.id, c.workspace_id as workspace, c.platform, c.connection_id as "connectionId",
  c.device_id as "deviceId", c.native_id as "nativeId", c.name, c.params, c.state, c.expires_at as "expiresAt",
  c.created_at as "createdAt", c.updated_at as "updatedAt", c.error, c.reference, c.traceparent`;

/** The claim is older than the parameter says, or was made under a lease that has passed on. */
const isDead = (olderThanMs: string) => `(
  c.claimed_at < now() - ${olderThanMs} * interval '1 millisecond'
  or exists (select 1 from connection_lease l where l.connection_id = c.connection_id and l.epoch > c.claim_epoch))`;

/** The account of commands in Postgres. */
export class CommandRows implements Ledger {
  readonly #db: Database;
  readonly #ledger: CommandLedger;
  readonly #commands: Commands;
  readonly #clock: Clock;

  constructor(db: Database, options: { clock: Clock; commandQueue: (platform: string) => string }) {
    this.#db = db;
    this.#ledger = new CommandLedger(db, options);
    this.#commands = new Commands(db);
    this.#clock = options.clock;
  }

  async get(commandId: string): Promise<LedgerCommand | undefined> {
    const found = await this.#commands.find(commandId);
    return found && toCommand(found);
  }

  async claim(
    commandId: string,
    by: { replica: string; epoch?: number | undefined },
    takeOver?: { olderThanMs: number },
  ): Promise<boolean> {
    const epoch = by.epoch === undefined ? undefined : BigInt(by.epoch);
    if (await this.#ledger.claim(commandId, { replica: by.replica, epoch })) return true;
    if (!takeOver) return false;
    // Still dispatched, so no step of the ladder: only who carries it out changes, and when its claim began.
    const { rowCount } = await this.#db.pool.query(
      `update command c set claim_replica = $2, claim_epoch = $3, claimed_at = now()
       where id = $1 and state = 'dispatched' and c.reference is null and expires_at > $4 and ${isDead('$5')}`,
      [
        commandId,
        by.replica,
        epoch === undefined ? null : String(epoch),
        new Date(this.#clock.now()),
        takeOver.olderThanMs,
      ],
    );
    return rowCount === 1;
  }

  advance(commandId: string, to: CommandState, step: Step): Promise<boolean> {
    return this.#ledger.advance(commandId, to, step);
  }

  async dueForFollow(
    connectionIds: readonly string[],
    options: { restMs: number; limit: number },
  ): Promise<LedgerCommand[]> {
    const notSince = new Date(this.#clock.now() - options.restMs);
    return (await this.#commands.toFollow({ connectionIds, notSince, limit: options.limit })).map(toCommand);
  }

  async deadClaims(
    connectionIds: readonly string[],
    options: { olderThanMs: number; limit: number },
  ): Promise<LedgerCommand[]> {
    const { rows } = await this.#db.pool.query<StoredCommand>(
      `select ${COLUMNS} from command c
       where c.connection_id = any($1) and c.state = 'dispatched' and c.reference is null and ${isDead('$2')}
       order by c.claimed_at limit $3`,
      [connectionIds, options.olderThanMs, options.limit],
    );
    return rows.map(toCommand);
  }

  async waiting(platform: string, limit: number): Promise<LedgerCommand[]> {
    const before = this.#clock.now() - LOST_MS;
    const found = await this.#commands.waiting(platform, limit);
    return found.filter(({ createdAt }) => createdAt.getTime() < before).map(toCommand);
  }

  expireDue(): Promise<number> {
    return this.#ledger.expireDue();
  }

  followed(commandId: string, reference?: Checkpoint): Promise<void> {
    return this.#ledger.follow(commandId, reference);
  }
}

const toCommand = (row: StoredCommand): LedgerCommand => ({
  commandId: row.id,
  workspace: row.workspace,
  connectionId: row.connectionId,
  deviceId: row.deviceId,
  nativeId: row.nativeId,
  name: row.name,
  params: row.params,
  expiresAt: row.expiresAt.toISOString(),
  state: row.state,
  ...(row.reference === null ? {} : { reference: row.reference }),
  ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
});
