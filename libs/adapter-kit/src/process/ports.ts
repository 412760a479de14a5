import type {
  CommandOrder,
  CommandState,
  DeviceData,
  Evidence,
  Json,
  OperationClass,
  PlatformResource,
  RoutingParts,
  TributaryEvent,
  WireError,
} from '@tributary/contracts';
import type {
  AdapterEntry,
  CoverageHole,
  EvidenceRow,
  NewBackfill,
  OpenPart,
  PartClaim,
  SpanStatement,
  TimeRange,
} from '@tributary/database';
import type { BreakerTurn } from '../breakers/breaker.ts';
import type { BudgetSpec, Checkpoint } from '../contract.ts';
import type { CallEnd } from '../http/vendor-http.ts';
import type { RawItem, SetAside } from '../items/items.ts';
import type { ConnectionAccess } from '../make-connection-kit.ts';
import type { Census } from './leases/lease-share.ts';
import type { Status } from './supervision/connection-status.ts';

/** A connection as it is configured now; credentials are sealed. */
export interface ConnectionRecord {
  id: string;
  workspace: string;
  platform: string;
  settings: Record<string, Json>;
  sealed: string;
  /** Differs when the credentials do; the same ones under another key keep it. */
  credentialsMark: string;
  state: 'active' | 'paused' | 'removed';
  /** It is tried before it is stored: nothing of it is kept. */
  draft?: true;
  /** What the connection last said of itself. */
  lastStatus: Status;
  lastReason?: string;
  /** The event that was about to say it when its owner went away: it may not have been sent. */
  unsaid?: TributaryEvent;
}

/** What one replica asks of whichever owns the connection. */
export type Ask = 'discover' | 'probe';

export interface ConnectionWatcher {
  /** A connection was added, changed, paused, resumed or removed; undefined when some such news may have been missed. */
  onChange(connectionId: string | undefined): void;
  onAsk(ask: Ask, connectionId: string): void;
}

export interface ConnectionSource {
  /** Those of the ids that exist; removed ones say so. */
  find(ids: readonly string[]): Promise<ConnectionRecord[]>;
  /** Listens until closed, through losses of the database. */
  watch(watcher: ConnectionWatcher): { close(): Promise<void> };
  /** Passes an ask on to every replica. */
  ask(ask: Ask, connectionId: string): Promise<void>;
}

export interface LeaseGrant {
  connectionId: string;
  /** Grows with every take-over. */
  epoch: number;
  /** No rev at or below this may be given out. */
  revFloor: bigint;
}

export interface HeldGrant {
  connectionId: string;
  epoch: number;
  /** Floor of whoever comes next. */
  revFloor: bigint;
}

/** Who owns a connection: one replica at a time, for `ttlMs` after each acquisition or renewal. */
export interface LeaseStore {
  /** Takes at most `max` active connections of the platform that nobody owns any more. */
  acquire(query: { platform: string; replica: string; max: number; ttlMs: number }): Promise<LeaseGrant[]>;
  /** Ids of the connections that are still this replica's under the epoch named; the others are lost. */
  renew(query: { replica: string; ttlMs: number; leases: readonly HeldGrant[] }): Promise<string[]>;
  /** Free at once for others. Does nothing for leases that are no longer this replica's. */
  release(query: { replica: string; leases: readonly HeldGrant[] }): Promise<void>;
  /**
   * Says that this replica is alive for `ttlMs` and would own up to `capacity` connections, and tells who owns how many
   * of the platform's active connections now.
   */
  census(query: { platform: string; replica: string; capacity: number; ttlMs: number }): Promise<Census>;
  /** This replica is no longer alive. */
  leave(query: { platform: string; replica: string }): Promise<void>;
  /** Undefined while nobody owns it. */
  owner(connectionId: string): Promise<{ replica: string; epoch: number; leasedUntilMs: number } | undefined>;
}

/** What owners say of their connections, written down before it is said, so that nothing is said twice or not at all. */
export interface StatusBook {
  /** False when the connection is another's by now: then it is not to be said. */
  say(lease: { connectionId: string; epoch: number }, status: Status, event: TributaryEvent): Promise<boolean>;
  /** The broker has it. */
  said(connectionId: string, eventId: string): Promise<void>;
}

/** A breaker of another replica that is not closed. */
export interface BreakerElsewhere {
  connectionId: string;
  replica: string;
  class: OperationClass;
  failures: number;
  /** Of the last failure. */
  code?: string;
}

/** What the breakers of all replicas do. */
export interface BreakerBook {
  /** Waits for nothing and never throws. */
  note(connectionId: string, turn: BreakerTurn): void;
  /** Those of other replicas, as far as they live. */
  elsewhere(): Promise<BreakerElsewhere[]>;
}

/** What is seen of the links between a platform and us, for whoever asks why nothing comes. */
export interface EvidenceStore {
  /** Rejects while the database is away. */
  tell(rows: readonly EvidenceRow[]): Promise<void>;
}

export interface SavedCheckpoint {
  value: Checkpoint;
  version: number;
}

export interface CheckpointStore {
  get(connectionId: string, name: string): Promise<SavedCheckpoint | undefined>;
  /** Compare-and-set on version (0: none yet) and lease epoch; false when either has moved on, and nothing is written. */
  save(
    connectionId: string,
    name: string,
    value: Checkpoint,
    expected: { version: number; epoch: number },
    also?: WrittenWithCheckpoint,
  ): Promise<boolean>;
  /** What was covered without moving a checkpoint; false, and nothing written, when the connection is another's. */
  cover(lease: { connectionId: string; epoch: number }, covers: readonly SpanStatement[]): Promise<boolean>;
}

/** Either all of it is there with the checkpoint or none. */
export interface WrittenWithCheckpoint {
  account?: readonly AdapterEntry[] | undefined;
  covers?: readonly SpanStatement[] | undefined;
}

/** What is written with a step of a part, or not at all. */
export interface WrittenWithPart {
  /** What of coverage it makes so. */
  statements: readonly SpanStatement[];
  /** Entries of the account: what the source will not be asked for again. */
  account: readonly AdapterEntry[];
}

/**
 * Backfills and their parts, and what is known of coverage. Each step of a part is false when it is no longer ours: the
 * lease was lost, or it was cancelled; then nothing of the step is written, and nothing of what it covers.
 */
export interface BackfillStore {
  /** Parts that may be tried now, the most urgent first, up to `each` of every connection; those that run among them. */
  open(connectionIds: readonly string[], each: number): Promise<OpenPart[]>;
  /** The part as this attempt has it; undefined when somebody else has it, or it is no longer open. */
  claim(part: OpenPart, epoch: number): Promise<OpenPart | undefined>;
  /** What of a device's range has still to be read. */
  gapsOf(part: TimeRange & { connectionId: string; deviceId: string; signals: string[] }): Promise<TimeRange[]>;
  /** What of a range each of the devices is known to miss; what nobody ever tried to read is not. */
  missingOf(
    query: TimeRange & { connectionId: string; deviceIds: readonly string[]; signal?: string },
  ): Promise<ReadonlyMap<string, readonly TimeRange[]>>;
  paged(
    claim: PartClaim,
    page: { points: number; calls: number; resume?: Checkpoint | undefined },
    also: WrittenWithPart,
  ): Promise<boolean>;
  finish(
    claim: PartClaim,
    end: { state: 'done' | 'unrecoverable'; calls: number; reason?: string },
    also: WrittenWithPart,
  ): Promise<boolean>;
  postpone(
    claim: PartClaim,
    failure: { waitMs: number; refused: boolean; calls: number; reason: string },
  ): Promise<boolean>;
  census(connectionIds: readonly string[]): Promise<{ waiting: number; running: number; oldestMs: number }>;
  /** What these connections miss and have missed for at least so long, the newest first. */
  holes(connectionIds: readonly string[], query: { minAgeMs: number; limit: number }): Promise<CoverageHole[]>;
  openRepairs(connectionId: string): Promise<OpenPart[]>;
  /** Parts of repairs that came to their end lately. */
  repairsLately(connectionId: string): Promise<(OpenPart & { endedMs: number })[]>;
  /** Id of the new backfill; undefined when the connection is another's by now. */
  plan(draft: NewBackfill, epoch: number): Promise<string | undefined>;
  /** Nobody misses anything of this hole any more. */
  madeUp(lease: { connectionId: string; epoch: number }, holeId: string): Promise<void>;
  /** Says what holds of some stretches, for the owner of the connection. */
  settle(lease: { connectionId: string; epoch: number }, statements: readonly SpanStatement[]): Promise<void>;
}

/** The adapters' side of the conservation account. */
export interface AccountStore {
  /** Writing an entry again, or an older one after a newer one, changes nothing. */
  record(entries: readonly AdapterEntry[]): Promise<void>;
}

export interface LedgerCommand extends CommandOrder {
  state: CommandState;
  reference?: Checkpoint;
}

export interface Step {
  evidence: Evidence;
  error?: WireError;
  reference?: Checkpoint;
}

/** The durable account of commands; every step is conditional on the ladder of the contracts. */
export interface Ledger {
  get(commandId: string): Promise<LedgerCommand | undefined>;
  /**
   * accepted -> dispatched, before the deadline only, for this replica only. With `takeOver` also a dispatched command
   * whose claim is dead (see `deadClaims`): for orders that may be sent twice.
   */
  claim(
    commandId: string,
    by: { replica: string; epoch?: number | undefined },
    takeOver?: { olderThanMs: number },
  ): Promise<boolean>;
  /** False when the ladder does not allow the step any more. */
  advance(commandId: string, to: CommandState, step: Step): Promise<boolean>;
  /**
   * Commands of these connections that were sent and that a platform may still tell about, not followed for `restMs`.
   */
  dueForFollow(connectionIds: readonly string[], options: { restMs: number; limit: number }): Promise<LedgerCommand[]>;
  /** Dispatched commands, not known to be sent, whose claim is older, or from an earlier lease. */
  deadClaims(
    connectionIds: readonly string[],
    options: { olderThanMs: number; limit: number },
  ): Promise<LedgerCommand[]>;
  /** Accepted commands of the platform that should have left the queue long ago. */
  waiting(platform: string, limit: number): Promise<LedgerCommand[]>;
  /** Accepted commands past their deadline become expired. */
  expireDue(): Promise<number>;
  /** Without a step. A dispatched command with a reference is known to be sent. */
  followed(commandId: string, reference?: Checkpoint): Promise<void>;
}

export interface DeviceDirectory {
  /** Devices of a connection that are known and not removed, as they were last published. */
  known(connectionId: string): Promise<Omit<DeviceData, 'rev'>[]>;
}

export interface PlatformRegistry {
  announce(platform: PlatformResource): Promise<void>;
}

export interface Vault {
  seal(plain: Record<string, string>, owner: { workspace: string; connectionId: string }): string;
  /** Throws when the text was not sealed for this connection or the key is not among ours. */
  open(sealed: string, owner: { workspace: string; connectionId: string }): Record<string, string>;
}

export interface Publisher {
  /** Resolves once the broker has confirmed; waits while the window is full; rejects only by abort or when closed. */
  publish(event: TributaryEvent, routing: RoutingParts, signal?: AbortSignal): Promise<void>;
}

/** Makes the vendor access of one connection; `credentials` are open, and only told apart by it. */
export type MakeVendorAccess = (options: {
  record: ConnectionRecord;
  credentials: Record<string, string>;
  budgets: Record<string, BudgetSpec>;
  /** PEM of a private authority that this connection believes. */
  ca: string | undefined;
  /** Called with everything that a breaker of the connection does. */
  onBreaker?: ((turn: BreakerTurn) => void) | undefined;
  /** Called with the end of every call, and with every item that does not fit. */
  onCall?: ((end: CallEnd) => void) | undefined;
  onSetAside?: ((item: SetAside, raw: RawItem) => void) | undefined;
}) => ConnectionAccess;

/** Named crash points, see `failpoint` of the runtime. */
export type { Failpoint } from '@tributary/runtime';
