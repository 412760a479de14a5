export { type ApiKey, type ApiKeyOptions, ApiKeys, type KeyHolder } from './access/api-keys.ts';
export { IdempotencyKeys, type IdempotencyResult, type StoredAnswer } from './access/idempotency-keys.ts';
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
export { type Database, type DatabaseOptions, MigrationPendingError, openDatabase } from './database.ts';
export { classifyDatabaseError, type DatabaseFault, sqlStateOf } from './database-errors.ts';
export { type EntityNews, tellOfEntity } from './inventory/entity-events.ts';
export { type Applied, type EventContext, Inventory } from './inventory/inventory.ts';
export { Platforms } from './inventory/platforms.ts';
export { type ListenOptions, listen } from './listen.ts';
export { type MigrateOptions, migrate } from './migrations/migrate.ts';
export { type AuditEntry, AuditLog } from './operations/audit-log.ts';
export {
  type MessageToPark,
  type ParkedMessage,
  ParkedMessages,
  type ParkedState,
} from './operations/parked-messages.ts';
export { Retention, type RetentionPeriods } from './operations/retention.ts';
export { addToOutbox, type OutboxMessage } from './outbox/outbox.ts';
export { type OutboxPublisher, OutboxRelay, type OutboxRelayOptions } from './outbox/outbox-relay.ts';
export type { PageRequest, PageResult } from './page.ts';
export type { Aggregate, AggregateQuery } from './telemetry/aggregate.ts';
export type {
  BatchPoint,
  CommitReport,
  PointGroup,
  RefusalReason,
  RefusedPoint,
  TelemetryBatch,
} from './telemetry/batch.ts';
export type { DownsampleQuery, PlotPoint } from './telemetry/downsample.ts';
export {
  type PointsQuery,
  type StoredPoint,
  TelemetryReader,
} from './telemetry/telemetry-reader.ts';
export { TelemetryStore, type TelemetryStoreOptions } from './telemetry/telemetry-store.ts';
export { inTransaction, type Queryable } from './transaction.ts';
