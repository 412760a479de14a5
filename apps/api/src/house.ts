import type { AttemptReport, ParkVerdict } from '@tributary/contracts';
import type {
  ApiKeys,
  AuditLog,
  BreakerJournal,
  CommandLedger,
  CredentialVault,
  Database,
  FencedDatabase,
  IdempotencyKeys,
  TelemetryReader,
  WorkspaceFence,
} from '@tributary/database';
import type { Clock, Health, Logger, Metrics } from '@tributary/runtime';
import type { CallerGuard } from './auth/caller.guard.ts';
import type { EventSource } from './events/event-source.ts';
import type { KnownAnswers } from './gateway/known-answers/known-answers.ts';
import type { AdapterQuestions, Touches } from './gateway/platform-gateway.ts';

/** Injection token of everything that is opened once, outside Nest, and shared by all modules. */
export const HOUSE = Symbol('house');

/** What the service of webhooks is asked; rejects with a `PlatformError`. `deadlineMs` is a time of the wall clock. */
export interface WebhooksQuestions {
  test(subscriptionId: string, options: { deadlineMs: number; signal?: AbortSignal }): Promise<AttemptReport>;
}

/** What the intake is asked; rejects with a `PlatformError`. `deadlineMs` is a time of the wall clock. */
export interface IntakeQuestions {
  /** Of those that are parked. */
  preview(
    ids: string[],
    options: { deadlineMs: number; signal?: AbortSignal },
  ): Promise<{ id: string; verdict: ParkVerdict }[]>;
}

export interface House {
  /** What the workspace that is served may see; a statement outside a request fails. */
  db: FencedDatabase;
  /** All workspaces: for what is done before a caller is known, or for none. */
  unfenced: Database;
  fence: WorkspaceFence;
  vault: CredentialVault;
  keys: ApiKeys;
  idempotencyKeys: IdempotencyKeys;
  audit: AuditLog;
  telemetry: TelemetryReader;
  ledger: CommandLedger;
  questions: AdapterQuestions;
  webhooks: WebhooksQuestions;
  intake: IntakeQuestions;
  /** What platforms have answered, to be given again while they are away. */
  answers: KnownAnswers;
  touches: Touches;
  /** What breakers of the api do. */
  breakers: BreakerJournal;
  events: EventSource;
  guard: CallerGuard;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  health: Health;
  /** Aborts when the process begins to stop: endless answers end then. */
  stopping: AbortSignal;
  /** Queue to which requests to replay a parked message go. */
  replayQueue: string;
  /** Exchange that events are published to. */
  eventExchange: string;
  settings: {
    publicUrl?: string | undefined;
    /** Requests per minute and key; 0 for none. */
    rateLimit: number;
    /** Bytes of a file that may be uploaded. */
    uploadLimit: number;
    /** Addresses that callers give may be private, and over http. */
    allowPrivateAddresses: boolean;
    trustProxy?: string | undefined;
    tracing: boolean;
  };
}
