import type {
  AttributeScope,
  CapabilityName,
  CommandDescription,
  CommandState,
  EntityRecord,
  EntityType,
  Evidence,
  FileInfo,
  GraphqlAnswer,
  Json,
  Origin,
  PlatformUser,
  PlatformUserDraft,
  UploadedFile,
} from '@tributary/contracts';
import type { z } from 'zod';
import type { ConnectionKit } from './connection-kit.ts';

export type NativeId = string;

/** Where to resume; flat and small. The kit stores it and never looks inside. */
export type Checkpoint = Record<string, string | number | boolean>;

/** `checkpoint` is where to resume once every item of this page is safely with the broker. */
export interface Page<T> {
  items: T[];
  checkpoint?: Checkpoint;
}

export interface SpaceRef {
  nativeId: NativeId;
  name: string;
  kind: string;
}

export interface DeviceSnapshot {
  nativeId: NativeId;
  name: string;
  kind?: string;
  label?: string;
  description?: string;
  serial?: string;
  parent?: NativeId;
  /** Where it is, outermost first. */
  spaces: SpaceRef[];
  properties: Record<string, Json>;
}

export interface PointValue {
  signal: string;
  /** Milliseconds since 1970 UTC. Absent where the source gives no time: the kit stamps receipt time, once. */
  tsMs?: number;
  value: number | boolean | string | Json[] | { [key: string]: Json };
  /** UCUM code, where known. */
  unit?: string;
}

/** Points of one device. */
export interface PointBatch {
  device: NativeId;
  origin: Origin;
  points: PointValue[];
}

export interface AttributeReport {
  scope: AttributeScope;
  name: string;
  /** Absent: the attribute was removed. */
  value?: Json;
  tsMs?: number;
}

export interface PlatformEventReport {
  device?: NativeId;
  name: string;
  tsMs: number;
  details: Record<string, Json>;
  /** The same key twice within the look-back is published once. */
  key: string;
}

/** A record was made, changed or is gone, seen by comparing; the kit gives it its revision. */
export interface EntityReport {
  entityType: string;
  nativeId: NativeId;
  name?: string;
  /** Empty for a removed one. */
  attributes: Record<string, Json>;
}

/**
 * Telemetry that was missed and cannot be had any more, or only as aggregates: said aloud instead of passed over. The
 * kit publishes it as the platform event `telemetry.gap`; the same gap twice is published once. Its times are those of
 * sending: what a device sent late within them is missing with the rest, though its own time may lie before.
 */
export interface GapReport {
  /** Without `device` and `space`: every device of the connection. */
  device?: NativeId;
  /** Every device in this space. */
  space?: NativeId;
  /** Absent: every signal. */
  signal?: string;
  fromMs: number;
  toMs: number;
  reason: string;
  /** What stands in its place, if anything does. */
  filledWith?: 'aggregates';
}

/** What a poll or a stream may bring; the kit publishes each to its area of the bus. */
export type Observation =
  | ({ type: 'points' } & PointBatch)
  | { type: 'attributes'; device: NativeId; attributes: AttributeReport[] }
  | { type: 'platform-event'; event: PlatformEventReport }
  | { type: 'file'; change: 'listed' | 'available'; file: FileInfo }
  | { type: 'entity'; change: 'created' | 'updated' | 'removed'; entity: EntityReport }
  | { type: 'gap'; gap: GapReport };

/**
 * `done` is called when every point of the item is confirmed by the broker: only then may the source be acknowledged.
 * `receivedAtMs` is when it came, where that was before it is handed on; items come in that order. `opened` says that the
 * stream stands, before anything has come through it.
 */
export type StreamItem = (Observation & { done?: () => void; receivedAtMs?: number }) | { type: 'opened' };

/** A time in which a stream, or a part of it, was not read; milliseconds since 1970 UTC by our clock. */
export interface StreamInterruption {
  part: string;
  fromMs: number;
  toMs: number;
}

export interface HistoryQuery {
  device: NativeId;
  fromMs: number;
  toMs: number;
  signals?: string[];
}

export interface Command {
  id: string;
  device: NativeId;
  name: string;
  params: Record<string, Json>;
  expiresAtMs: number;
}

/**
 * An honest answer: the state that the evidence supports, no more. `dispatched`: it was sent and nothing was heard of it;
 * `follow` will look, and without a sign of its effect it becomes `unknown` at its deadline.
 */
export interface CommandReceipt {
  state: Extract<
    CommandState,
    'dispatched' | 'acknowledged' | 'queued' | 'delivered' | 'confirmed' | 'rejected' | 'failed'
  >;
  evidence: Pick<Evidence, 'kind' | 'detail' | 'data'>;
  /** What `follow` needs to ask again; flat and small. */
  reference?: Checkpoint;
}

export interface FileQuery {
  device: NativeId;
  fromMs: number;
  toMs: number;
  limit: number;
}

export interface EntityQuery {
  filter?: string;
  sort: { field: string; descending: boolean }[];
  limit: number;
  cursor?: string;
}

export interface EntityPage {
  items: EntityRecord[];
  nextCursor?: string;
  /** The part of the filter that the platform could not evaluate and this page has not been filtered by. */
  residualFilter?: string;
}

/** A poll of its own: own schedule, own checkpoint. */
export interface Poll {
  /** Key of `manifest.schedules`. */
  schedule: string;
  /** Called on schedule with the last stored checkpoint. Pages may hold any observation. Throw a `PlatformError` to be retried. */
  run(from: Checkpoint | undefined, signal: AbortSignal): AsyncIterable<Page<Observation>>;
}

/**
 * Why a connection is let go: `removed` it is gone for good, and its sessions at the platform should end; `released`
 * another replica or another configuration takes over, or it is paused; `stopping` the process ends.
 */
export type CloseReason = 'released' | 'removed' | 'stopping';

/** One connection's adapter, made by `connect(config, kit)`; a process runs as many as it holds leases for. */
export interface Adapter {
  /** Cheapest authenticated call. Decides readiness; `POST /v1/connections/{id}:test` runs it. */
  probe(signal: AbortSignal): Promise<void>;
  devices?: {
    /** A full sweep. Once it completes, the kit reports what has gone since the last one. */
    discover(signal: AbortSignal): AsyncIterable<Page<DeviceSnapshot>>;
  };
  /** Named polls; each name is the name of its checkpoint. */
  polls?: Record<string, Poll>;
  telemetry?: {
    /** History of one device for [from, to): backfill and gap repair. */
    history?(query: HistoryQuery, signal: AbortSignal): AsyncIterable<Page<PointBatch>>;
    /** Resolves when the platform has acknowledged the points; returns how many. */
    write?(device: NativeId, points: PointValue[], signal: AbortSignal): Promise<number>;
  };
  stream?: {
    /**
     * Streams that live and die apart, such as one for each account of a platform; asked for again on the schedule
     * `discover`. Absent: there is one, named ''.
     */
    parts?(signal: AbortSignal): Promise<readonly string[]>;
    /**
     * Ends or throws when the connection is lost; the kit opens it again. A part that is refused for lack of a right is
     * tried rarely; the adapter says so in its limitations.
     */
    open(signal: AbortSignal, part: string): AsyncIterable<StreamItem>;
    /**
     * Called beside the stream once it stands again: brings what can still be had of the time in which it did not, and
     * says as `gap` what cannot. Without it the kit reads each device's history, and where there is none says the gap.
     * Called again, also by the next owner, until it has come to its end.
     */
    repair?(missed: StreamInterruption, signal: AbortSignal): AsyncIterable<Page<Observation>>;
  };
  attributes?: {
    read(device: NativeId, signal: AbortSignal): Promise<AttributeReport[]>;
    write?(device: NativeId, scope: AttributeScope, patch: Record<string, Json>, signal: AbortSignal): Promise<void>;
  };
  /** `queued` is an honest receipt: some platforms deliver when the device next calls in. */
  commands?: {
    describe(device: NativeId): CommandDescription[];
    /**
     * Called before an order is claimed, without any effect at the platform. Throw `UnavailableError` or `TimeoutError`
     * while the way there is down: the order is held, and asked for again, until its deadline. Throw
     * `InvalidRequestError` or `NotFoundError` to reject it.
     */
    prepare?(command: Command, signal: AbortSignal): Promise<void>;
    /** Called at most once for a command that is not idempotent. Throw `InvalidRequestError` to reject before any effect. */
    execute(command: Command, signal: AbortSignal): Promise<CommandReceipt>;
    /** Asks again for a command that is not at its end; undefined while nothing new is known. */
    follow?(command: Command, reference: Checkpoint, signal: AbortSignal): Promise<CommandReceipt | undefined>;
  };
  entities?: {
    types(signal: AbortSignal): Promise<EntityType[]>;
    query(type: string, query: EntityQuery, signal: AbortSignal): Promise<EntityPage>;
    get(type: string, id: NativeId, signal: AbortSignal): Promise<EntityRecord>;
    create?(type: string, attributes: Record<string, Json>, signal: AbortSignal): Promise<EntityRecord>;
    /** `ifMatch` is the etag the caller read; throw `ConflictError` when the record has another. */
    update?(
      type: string,
      id: NativeId,
      patch: Record<string, Json>,
      ifMatch: string,
      signal: AbortSignal,
    ): Promise<EntityRecord>;
    remove?(type: string, id: NativeId, ifMatch: string, signal: AbortSignal): Promise<void>;
    /** Records that a relation of this one leads to. */
    related?(
      type: string,
      id: NativeId,
      relation: string,
      page: Pick<EntityQuery, 'limit' | 'cursor'>,
      signal: AbortSignal,
    ): Promise<Omit<EntityPage, 'residualFilter'>>;
    /** Adds relations; one that is there already is no error. */
    relate?(type: string, id: NativeId, relation: string, targets: NativeId[], signal: AbortSignal): Promise<void>;
  };
  files?: {
    list?(query: FileQuery, signal: AbortSignal): AsyncIterable<FileInfo>;
    /** Bytes as the platform has them; several names give one ZIP. */
    open?(device: NativeId, names: string[], signal: AbortSignal): Promise<FileContent>;
    /** Sends a file to the platform; resolves when the platform has it. */
    upload?(file: FileToUpload, signal: AbortSignal): Promise<UploadedFile>;
  };
  users?: {
    list?(
      page: { limit: number; cursor?: string },
      signal: AbortSignal,
    ): Promise<{ items: PlatformUser[]; nextCursor?: string }>;
    exists?(username: string, signal: AbortSignal): Promise<boolean>;
    /** Whoever the connection is logged in as. */
    current?(signal: AbortSignal): Promise<PlatformUser>;
    /** Throw `InvalidRequestError` naming what the draft lacks, `ConflictError` for a name that is taken. */
    register?(draft: PlatformUserDraft, signal: AbortSignal): Promise<PlatformUser>;
    invite?(draft: PlatformUserDraft, signal: AbortSignal): Promise<PlatformUser>;
    remove?(id: NativeId, signal: AbortSignal): Promise<void>;
  };
  /** The platform's own GraphQL. The document has passed the kit's guard: it is parsed, small enough, and holds no mutation unless allowed. */
  graphql?: { execute(document: GraphqlDocument, signal: AbortSignal): Promise<GraphqlAnswer> };
  /** A user's own log-in in a browser, by the authorization code flow. */
  login?: {
    /** Where to send the browser; `carry` is what `finish` needs again, such as a PKCE verifier. */
    begin(
      asked: { redirectUri: string; state: string; nonce: string },
      signal: AbortSignal,
    ): Promise<{ url: string; carry: Record<string, string> }>;
    /** Trades the code for the connection's new credentials, which replace those it has. Throw `AuthenticationError` when refused. */
    finish(
      answer: { redirectUri: string; code: string; nonce: string; carry: Record<string, string> },
      signal: AbortSignal,
    ): Promise<{ credentials: Record<string, string>; account?: string }>;
  };
  /** What this connection cannot do although the platform can, such as a missing permission; shown in its health. */
  limitations?(): string[];
  /** Called once when the connection is let go; the vendor can still be asked. */
  close?(reason: CloseReason): Promise<void>;
}

export interface GraphqlDocument {
  query: string;
  /** The operation that runs. */
  operation: 'query' | 'mutation';
  operationName?: string;
  variables?: Record<string, Json>;
}

export interface FileToUpload {
  name: string;
  mediaType: string;
  sizeBytes?: number;
  bytes: AsyncIterable<Uint8Array>;
}

export interface FileContent {
  bytes: AsyncIterable<Uint8Array>;
  mediaType: string;
  sizeBytes?: number;
  fileName: string;
}

/** Lanes of a budget, most urgent first. */
export const lanes = ['command', 'interactive', 'live', 'pass-through', 'reconcile', 'backfill'] as const;
export type Lane = (typeof lanes)[number];

/** 0 to 1, of what we allow ourselves; whole units of it count. */
export type ReservedShares = { [L in Lane | 'auth' | `${Lane}+${Lane}`]?: number };

export interface BudgetSpec {
  limit: number;
  /** What we allow ourselves of it, where the margin shall be wider; default all of it. */
  use?: number;
  /**
   * Shares that no other lane may use, by lane, or by two lanes that share one, in place of the kit's own: 0.25 for
   * commands, 0.1 for log-ins. A lane with a share of its own gets it however much the more urgent ones want.
   */
  reserved?: ReservedShares;
  /**
   * For a platform that gives no hint how long to wait: rest until the oldest call of our window is over, then go at
   * half the pace for `slowFor`, and send what was refused again. Without it: a whole window, and a slow recovery.
   */
  afterLimit?: { slowFor: string };
  /** Duration such as `10s`. */
  per: string;
  unit?: string;
  /** False where the vendor states no limit and this is our own caution. */
  documented: boolean;
}

/** Data only: identity, budgets, schedules. */
export interface Manifest {
  platform: string;
  displayName: string;
  capabilities: CapabilityName[];
  budgets: Record<string, BudgetSpec>;
  /** Calls of one connection and replica that may be under way at once, all classes together; default by class alone. */
  inFlight?: number;
  /** Durations, by name; a connection's settings may override one as `schedules.<name>`. */
  schedules: { discover: string; follow: string } & Record<string, string>;
}

export interface ConnectionConfig<S extends z.ZodType, C extends z.ZodType> {
  settings: z.output<S>;
  credentials: z.output<C>;
}

export interface AdapterDefinition<S extends z.ZodType = z.ZodType, C extends z.ZodType = z.ZodType> {
  manifest: Manifest;
  settings: S;
  credentials: C;
  /**
   * What the platform counts its limits by, such as a token or an account: connections that agree in it share one
   * budget. Default: all of the credentials. It is hashed with a key before it names anything.
   */
  budgetKey?(config: ConnectionConfig<S, C>): string;
  /** Wires and touches no network; both parts of the configuration are parsed before. */
  connect(config: ConnectionConfig<S, C>, kit: ConnectionKit): Adapter;
}

/** Gives the definition its types; nothing happens. */
export const defineAdapter = <S extends z.ZodType, C extends z.ZodType>(
  definition: AdapterDefinition<S, C>,
): AdapterDefinition<S, C> => definition;
