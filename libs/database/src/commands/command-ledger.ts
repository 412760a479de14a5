import {
  type CommandData,
  type CommandOrder,
  type CommandState,
  canAdvance,
  type Evidence,
  type Json,
  makeEvent,
  type WireError,
} from '@tributary/contracts';
import { type Clock, newEventId, newId } from '@tributary/runtime';
import type pg from 'pg';
import type { Database } from '../database.ts';
import { addToOutbox } from '../outbox/outbox.ts';
import { inTransaction } from '../transaction.ts';
import { COMMAND_COLUMNS, type StoredCommand } from './stored-command.ts';

export interface NewCommand {
  workspace: string;
  platform: string;
  connectionId: string;
  deviceId: string;
  nativeId: string;
  name: string;
  params: Record<string, Json>;
  /** Never sent after this. */
  expiresAt: Date;
  /** Who asked, for the first line of evidence. */
  caller: string;
  traceparent?: string | undefined;
}

/** What is learned with a step. */
export interface StepEvidence {
  kind: Evidence['kind'];
  detail: string;
  reference?: string | undefined;
  data?: Record<string, Json> | undefined;
}

export interface Step {
  evidence: StepEvidence;
  error?: WireError | undefined;
  /** What following the platform needs; replaces the earlier one. */
  reference?: Record<string, string | number | boolean> | undefined;
}

export interface CommandLedgerOptions {
  clock: Clock;
  /** Queue that the adapter of a platform reads orders from. */
  commandQueue(platform: string): string;
}

/** What `cancel` found. */
export type CancelResult = 'cancelled' | 'not-found' | 'too-late';

/**
 * The life of commands. Each step is a conditional change under the lock of the command's row; its evidence and its event
 * are written with it. A step that the ladder does not allow changes nothing.
 */
export class CommandLedger {
  readonly #pool: pg.Pool;
  readonly #clock: Clock;
  readonly #commandQueue: (platform: string) => string;

  constructor(db: Pick<Database, 'pool'>, options: CommandLedgerOptions) {
    this.#pool = db.pool;
    this.#clock = options.clock;
    this.#commandQueue = options.commandQueue;
  }

  /** Writes the command as `accepted`, its event, and the order for the adapter: all or nothing. */
  accept(draft: NewCommand): Promise<StoredCommand> {
    return inTransaction(this.#pool, (tx) => this.acceptIn(tx, draft));
  }

  /** `accept` within a transaction of the caller's, for example with its idempotency key. */
  async acceptIn(tx: pg.PoolClient, draft: NewCommand): Promise<StoredCommand> {
    const id = newId('cmd');
    const now = new Date(this.#clock.now());
    const { rows } = await tx.query<StoredCommand>(
      `insert into command as c (id, workspace_id, platform, connection_id, device_id, native_id, name, params, state,
         expires_at, created_at, updated_at, traceparent)
       values ($1, $2, $3, $4, $5, $6, $7, $8, 'accepted', $9, $10, $10, $11) returning ${COMMAND_COLUMNS}`,
      [
        id,
        draft.workspace,
        draft.platform,
        draft.connectionId,
        draft.deviceId,
        draft.nativeId,
        draft.name,
        draft.params,
        draft.expiresAt,
        now,
        draft.traceparent ?? null,
      ],
    );
    const command = rows[0] as StoredCommand;
    await this.#record(tx, command, { evidence: { kind: 'caller', detail: draft.caller } }, now);
    await addToOutbox(tx, id, {
      kind: 'queue',
      queue: this.#commandQueue(draft.platform),
      body: orderOf(command),
      expiresAtMs: draft.expiresAt.getTime(),
    });
    return command;
  }

  /**
   * Takes a command for execution: `accepted` becomes `dispatched`. Undefined, and nothing changed, when it is not there
   * to be taken any more, when its deadline has passed, or when `epoch` is given and is not that of the connection's
   * lease. Of several callers exactly one gets it.
   */
  claim(commandId: string, by: { replica: string; epoch?: bigint | undefined }): Promise<StoredCommand | undefined> {
    return inTransaction(this.#pool, async (tx) => {
      const now = new Date(this.#clock.now());
      const { rows } = await tx.query<StoredCommand>(
        `update command c set state = 'dispatched', claim_replica = $2, claim_epoch = $3, claimed_at = now(), updated_at = $4
         where id = $1 and state = 'accepted' and expires_at > $4
           and ($3::bigint is null
             or exists (select 1 from connection_lease l where l.connection_id = c.connection_id and l.epoch = $3))
         returning ${COMMAND_COLUMNS}`,
        [commandId, by.replica, by.epoch === undefined ? null : String(by.epoch), now],
      );
      const command = rows[0];
      if (!command) return undefined;
      await this.#record(tx, command, { evidence: { kind: 'adapter', detail: `taken by ${by.replica}` } }, now);
      return command;
    });
  }

  /** One step up the ladder. False, and nothing changed, when the ladder has no such step from where the command is. */
  advance(commandId: string, to: CommandState, step: Step): Promise<boolean> {
    return inTransaction(this.#pool, async (tx) => {
      const current = await this.#lock(tx, commandId);
      if (!current || !canAdvance(current.state, to)) return false;
      await this.#move(tx, commandId, to, step);
      return true;
    });
  }

  /** Keeps a new reference without a step, for a platform that changes it while the state stays. */
  async follow(commandId: string, reference?: Step['reference']): Promise<void> {
    await this.#pool.query('update command set followed_at = $2, reference = coalesce($3, reference) where id = $1', [
      commandId,
      new Date(this.#clock.now()),
      reference ?? null,
    ]);
  }

  /** Before it is dispatched, or while the platform holds it: then its adapter reads `cancelled` when it next follows. */
  cancel(workspace: string, commandId: string, caller: string): Promise<CancelResult> {
    return inTransaction(this.#pool, (tx) => this.cancelIn(tx, { workspace, commandId, caller }));
  }

  /** `cancel` within a transaction of the caller's, for example with its entry in the audit log. */
  async cancelIn(
    tx: pg.PoolClient,
    { workspace, commandId, caller }: { workspace: string; commandId: string; caller: string },
  ): Promise<CancelResult> {
    const current = await this.#lock(tx, commandId);
    if (!current || current.workspace !== workspace) return 'not-found';
    if (!canAdvance(current.state, 'cancelled')) return 'too-late';
    await this.#move(tx, commandId, 'cancelled', { evidence: { kind: 'caller', detail: caller } });
    return 'cancelled';
  }

  /** `accepted` past its deadline becomes `expired`: it was never sent. Returns how many. */
  async expireDue(limit = 100): Promise<number> {
    const { rows } = await this.#pool.query<{ id: string }>(
      `select id from command where state = 'accepted' and expires_at <= $1 order by expires_at limit $2`,
      [new Date(this.#clock.now()), limit],
    );
    let expired = 0;
    for (const { id } of rows) {
      const evidence = { kind: 'deadline' as const, detail: 'the deadline passed before it could be sent' };
      if (await this.#advanceFrom(id, 'accepted', 'expired', { evidence })) expired++;
    }
    return expired;
  }

  async #advanceFrom(id: string, from: CommandState, to: CommandState, step: Step): Promise<boolean> {
    return inTransaction(this.#pool, async (tx) => {
      const current = await this.#lock(tx, id);
      if (current?.state !== from) return false;
      await this.#move(tx, id, to, step);
      return true;
    });
  }

  async #lock(tx: pg.PoolClient, id: string): Promise<{ state: CommandState; workspace: string } | undefined> {
    const { rows } = await tx.query<{ state: CommandState; workspace: string }>(
      'select state, workspace_id as workspace from command where id = $1 for update',
      [id],
    );
    return rows[0];
  }

  async #move(tx: pg.PoolClient, id: string, to: CommandState, step: Step): Promise<void> {
    const now = new Date(this.#clock.now());
    const { rows } = await tx.query<StoredCommand>(
      `update command c set state = $2, updated_at = $3, error = $4, reference = coalesce($5, reference)
       where id = $1 returning ${COMMAND_COLUMNS}`,
      [id, to, now, step.error ?? null, step.reference ?? null],
    );
    await this.#record(tx, rows[0] as StoredCommand, step, now);
  }

  /** The transition and its event; the command is in its new state. */
  async #record(tx: pg.PoolClient, command: StoredCommand, step: Step, now: Date): Promise<void> {
    const { kind, detail, reference, data } = step.evidence;
    const evidence: Evidence = {
      kind,
      detail,
      observedAt: now.toISOString(),
      ...(reference === undefined ? {} : { reference }),
      ...(data === undefined ? {} : { data }),
    };
    await tx.query(
      `insert into command_transition (command_id, step, state, at, evidence, error)
       select $1, coalesce(max(step), 0) + 1, $2, $3, $4, $5 from command_transition where command_id = $1`,
      [command.id, command.state, now, evidence, step.error ?? null],
    );
    await addToOutbox(tx, command.id, eventOf(command, evidence, step.error));
  }
}

const orderOf = (command: StoredCommand): CommandOrder => ({
  commandId: command.id,
  workspace: command.workspace,
  connectionId: command.connectionId,
  deviceId: command.deviceId,
  nativeId: command.nativeId,
  name: command.name,
  params: command.params,
  expiresAt: command.expiresAt.toISOString(),
  ...(command.traceparent === null ? {} : { traceparent: command.traceparent }),
});

function eventOf(command: StoredCommand, evidence: Evidence, error: WireError | undefined) {
  const { id, workspace, platform, connectionId, state } = command;
  const name = `command.${state}` as const;
  const data: CommandData = {
    deviceId: command.deviceId,
    nativeId: command.nativeId,
    commandId: id,
    name: command.name,
    state,
    evidence,
    expiresAt: command.expiresAt.toISOString(),
    ...(error === undefined ? {} : { error }),
  };
  const event = makeEvent({
    id: newEventId(),
    name,
    workspace,
    platform,
    connectionId,
    subject: id,
    time: evidence.observedAt,
    origin: 'live',
    data,
    traceparent: command.traceparent ?? undefined,
  });
  return {
    kind: 'event' as const,
    event,
    routing: { workspace, event: name, platform, connectionId, subjectId: id },
  };
}
