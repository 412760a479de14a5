export { type ApiKeyOptions, ApiKeys, type KeyHolder, type KeyRotation, type NewApiKey } from './access/api-keys.ts';
export { IdempotencyKeys, type IdempotencyResult, type StoredAnswer } from './access/idempotency-keys.ts';
export { holdsLease } from './backfills/backfill-ends.ts';
export {
  type BackfillPartState,
  type NewBackfill,
  type NewPart,
  type OpenPart,
  type PartClaim,
  partCounts,
  STANDING,
  type StandingRow,
  type TimeRange,
} from './backfills/backfill-rows.ts';
export { Backfills } from './backfills/backfills.ts';
export { type Gaps, type GapsQuery, gapsIn, gapsToRead } from './backfills/gaps.ts';
export {
  type BreakerChange,
  BreakerChanges,
  type BreakerMode,
  type BreakerService,
  type KeptBreaker,
} from './breakers/breaker-changes.ts';
export { BreakerJournal, type BreakerJournalOptions, type BreakerNews } from './breakers/breaker-journal.ts';
export {
  type CancelResult,
  CommandLedger,
  type CommandLedgerOptions,
  type NewCommand,
  type Step,
  type StepEvidence,
} from './commands/command-ledger.ts';
export { Commands } from './commands/commands.ts';
export type { StoredCommand, StoredTransition } from './commands/stored-command.ts';
export { databaseConfig, telemetryConfig, vaultConfig } from './config.ts';

export { AdapterReplicas, type ReplicaCensus } from './connections/adapter-replicas.ts';
export { Checkpoints, type CheckpointValue, type StoredCheckpoint } from './connections/checkpoints.ts';
export { type ConnectionNews, tellOfConnection } from './connections/connection-events.ts';
export { ConnectionLeases, type HeldLease, type Lease, type LeaseOwner } from './connections/connection-leases.ts';
export { ConnectionSecrets } from './connections/connection-secrets.ts';
export { ConnectionTouches, TOUCHES } from './connections/connection-touches.ts';
export {
  CONNECTIONS_CHANNEL,
  type Connection,
  type ConnectionChange,
  Connections,
  credentialsMark,
  type NewConnection,
} from './connections/connections.ts';
export { CredentialVault, VaultError, type VaultOwner } from './connections/credential-vault.ts';
export { type PendingLogin, PendingLogins } from './connections/pending-logins.ts';
export {
  type KeptToken,
  SharedTokens,
  type TokenClaim,
  type TokenKey,
  type TokenToKeep,
} from './connections/shared-tokens.ts';
export { type VaultKeys, vaultKeys } from './connections/vault-keys.ts';
export { CONSERVATION } from './conservation/account-sql.ts';
export { AdapterBook, type AdapterEntry } from './conservation/adapter-book.ts';
export { minuteOf, type RunMinute } from './conservation/batch-account.ts';
export { Conservation, type Standing } from './conservation/conservation.ts';
export { type ParkedPoints, settleDiscarded } from './conservation/intake-book.ts';
export {
  formatRanges,
  leastMissing,
  minus,
  NO_NUMBERS,
  type NumberRanges,
  parseRanges,
  rangesOf,
  sizeOf,
  union,
} from './conservation/number-ranges.ts';
export { type DatabaseTime, type IntakeReport, Soundings } from './conservation/soundings.ts';
export { CoverageBook } from './coverage/coverage-book.ts';
export {
  type CoverageHole,
  type CoverageQuery,
  CoverageReader,
  type CoverageStanding,
  type HolesQuery,
} from './coverage/coverage-reader.ts';
export { type CoverageInterval, NEVER_READ, NOT_READ_YET } from './coverage/judge.ts';
export { joined, lengthOf, subtracted } from './coverage/spans.ts';
export {
  type CoverageState,
  type Scope,
  type SpanStatement,
  type StatedState,
  type Stretch,
  worth,
} from './coverage/statement.ts';
export {
  type Database,
  type DatabaseOptions,
  type FencedDatabase,
  MigrationPendingError,
  openDatabase,
  openFencedDatabase,
} from './database.ts';
export { classifyDatabaseError, type DatabaseFault, sqlStateOf } from './database-errors.ts';
export { FenceError, WorkspaceFence } from './fence/workspace-fence.ts';
export {
  ADAPTER_HEARD_MS,
  type ConnectionFacts,
  firstBrokenLink,
  type Known,
  type LinkFact,
  type Silence,
} from './freshness/broken-link.ts';
export { type Cadence, staleAfterMs } from './freshness/cadence.ts';
export { ConnectionEvidence, type EvidenceRow } from './freshness/connection-evidence.ts';
export { FreshnessWatch, type HeldWatch } from './freshness/freshness-watch.ts';
export { type LearnedCadence, type Looked, SilenceBook } from './freshness/silence-book.ts';
export { type SilenceNews, staleEvent, type ToldSilence } from './freshness/silence-events.ts';
export { judge, type Verdict } from './freshness/verdict.ts';
export type { DueDevice } from './freshness/watched-rows.ts';
export { inRehearsal } from './in-rehearsal.ts';
export { type EntityNews, tellOfEntity } from './inventory/entity-events.ts';
export { type Applied, type EventContext, Inventory } from './inventory/inventory.ts';
export { Platforms } from './inventory/platforms.ts';
export { type ListenOptions, listen } from './listen.ts';
export { type MigrateOptions, migrate } from './migrations/migrate.ts';
export { type AuditEntry, AuditLog } from './operations/audit-log.ts';
export { type FaultOutline, fingerprintOf } from './operations/parked-fingerprint.ts';
export {
  discardParked,
  type JobMessage,
  type JobOutcome,
  ParkedJobs,
  type RunningJob,
} from './operations/parked-jobs.ts';
export {
  type FailedReplay,
  type MessageToPark,
  type ParkedMessage,
  ParkedMessages,
  type ParkedState,
  parkedDigest,
} from './operations/parked-messages.ts';
export { ParkedNews } from './operations/parked-news.ts';
export { parkedItemOwner, parkedMessageOwner } from './operations/parked-seal.ts';
export { Retention, type RetentionPeriods } from './operations/retention.ts';
export { addToOutbox, type OutboxMessage } from './outbox/outbox.ts';
export { type OutboxPublisher, OutboxRelay, type OutboxRelayOptions } from './outbox/outbox-relay.ts';
export type { PageRequest, PageResult } from './page.ts';
export { DeliveryLedger, type SubscriptionCensus } from './subscriptions/delivery-ledger.ts';
export {
  type Backlog,
  type DeliveryDraft,
  DeliveryPlans,
  type Planned,
  type PlannedSubscription,
} from './subscriptions/delivery-plans.ts';
export {
  type AfterDelivery,
  type Attempt,
  DeliveryTurns,
  type OverdueTurn,
  type PendingDelivery,
  type Turn,
} from './subscriptions/delivery-turns.ts';
export {
  type ActiveSubscription,
  type SubscriptionLease,
  SubscriptionLeases,
} from './subscriptions/subscription-leases.ts';
export {
  type NewSubscription,
  SUBSCRIPTIONS_CHANNEL,
  type SubscriptionChange,
  type SubscriptionCondition,
  type SubscriptionStart,
  Subscriptions,
} from './subscriptions/subscriptions.ts';
export type {
  BatchPoint,
  CommitReport,
  GroupNumbers,
  OutcomeCounts,
  PointGroup,
  RefusalReason,
  RefusedPoint,
  TelemetryBatch,
} from './telemetry/batch.ts';
export { TooManyBucketsError } from './telemetry/bucket-edges.ts';
export { type BucketRow, BucketsError, type BucketsQuery } from './telemetry/buckets.ts';
export type { DownsampleQuery, PlotPoint } from './telemetry/downsample.ts';
export {
  type PointsQuery,
  type StoredPoint,
  TelemetryReader,
} from './telemetry/telemetry-reader.ts';
export { TelemetryStore, type TelemetryStoreOptions } from './telemetry/telemetry-store.ts';
export { inTransaction, type Queryable } from './transaction.ts';
