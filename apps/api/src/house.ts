import type {
  ApiKeys,
  AuditLog,
  CommandLedger,
  CredentialVault,
  Database,
  IdempotencyKeys,
  TelemetryReader,
} from '@tributary/database';
import type { Clock, Health, Logger, Metrics } from '@tributary/runtime';
import type { CallerGuard } from './auth/caller.guard.ts';
import type { EventSource } from './events/event-source.ts';
import type { AdapterQuestions } from './gateway/platform-gateway.ts';

/** Injection token of everything that is opened once, outside Nest, and shared by all modules. */
export const HOUSE = Symbol('house');

export interface House {
  db: Database;
  vault: CredentialVault;
  keys: ApiKeys;
  idempotencyKeys: IdempotencyKeys;
  audit: AuditLog;
  telemetry: TelemetryReader;
  ledger: CommandLedger;
  questions: AdapterQuestions;
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
    trustProxy?: string | undefined;
    tracing: boolean;
  };
}
