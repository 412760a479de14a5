import type {
  AttributeScope,
  CommandDescription,
  EntityRecord,
  EntityType,
  FileInfo,
  GraphqlAnswer,
  Json,
  PlatformUser,
  PlatformUserDraft,
  UploadedFile,
} from '@tributary/contracts';
import type { z } from 'zod';
import type { ConnectionKit } from './connection-kit.ts';
import type { Manifest } from './contract/manifest.ts';
import type {
  AttributeReport,
  Checkpoint,
  CoveredSpan,
  DeviceSnapshot,
  NativeId,
  Observation,
  Page,
  PointBatch,
  PointValue,
  StreamInterruption,
  StreamItem,
} from './contract/observations.ts';
import type {
  Command,
  CommandReceipt,
  EntityPage,
  EntityQuery,
  FileContent,
  FileQuery,
  FileToUpload,
  GraphqlDocument,
  HistoryCost,
  HistoryQuery,
} from './contract/questions.ts';

export * from './contract/manifest.ts';
export type * from './contract/observations.ts';
export type * from './contract/questions.ts';

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
    /**
     * History of one device for [from, to): backfill and gap repair. Throw `InvalidRequestError`, `NotFoundError` or
     * `UnsupportedError`, with the platform's reason, for a range that cannot be had and never will be; other failures
     * are tried again.
     */
    history?(query: HistoryQuery, signal: AbortSignal): AsyncIterable<Page<PointBatch>>;
    /** Pure. `expected`: what is known to be in such a range of this device; absent where nothing is. */
    historyCost?(query: HistoryQuery & { expected?: { series: number; points: number } }): HistoryCost;
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
     * Present where the stream brings telemetry: whose, by the part; without `space` that of every device. While the part
     * stands, the kit holds what these send for covered, by the time of its receipt.
     */
    covers?(part: string): Pick<CoveredSpan, 'space'>;
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
  /**
   * How items that `kit.items` set aside are read by themselves, by the kind it was given: what they mean under today's
   * settings and code. Asks nobody. Throw `MalformedResponseError` for one that still does not fit. Kinds that cannot be
   * read by themselves are left out.
   */
  items?: Record<string, (item: unknown, context: Record<string, string>) => PointBatch[]>;
  /** What this connection cannot do although the platform can, such as a missing permission; shown in its health. */
  limitations?(): string[];
  /** Called once when the connection is let go; the vendor can still be asked. */
  close?(reason: CloseReason): Promise<void>;
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
