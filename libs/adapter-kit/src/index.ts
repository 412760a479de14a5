/** What an adapter's configuration needs; adapters import the kit, not the runtime. */
export { type Clock, duration, type Logger, parseDuration, Secret, secret } from '@tributary/runtime';
export type { BreakerState } from './breakers/breaker.ts';
export { BUDGET_SPENT } from './budgets/lane-gate.ts';
export { SingleFlight } from './budgets/single-flight.ts';
export type {
  ConnectionKit,
  HttpOptions,
  MqttMessage,
  MqttOptions,
  MqttSession,
  OutgoingBody,
  TokenSource,
  TokenValue,
  VendorAnswer,
  VendorHttp,
  VendorRequest,
} from './connection-kit.ts';
export {
  type Adapter,
  type AdapterDefinition,
  type AttributeReport,
  type BudgetSpec,
  type Checkpoint,
  type CloseReason,
  type Command,
  type CommandReceipt,
  type ConnectionConfig,
  type CoveredSpan,
  type DeviceSnapshot,
  defineAdapter,
  type EntityPage,
  type EntityQuery,
  type EntityReport,
  type FileContent,
  type FileQuery,
  type FileToUpload,
  type GapReport,
  type GraphqlDocument,
  type HistoryCost,
  type HistoryQuery,
  type Lane,
  lanes,
  type Manifest,
  type NativeId,
  type Observation,
  type Page,
  type PlatformEventReport,
  type PointBatch,
  type PointValue,
  type Poll,
  type SpaceRef,
  type StreamInterruption,
  type StreamItem,
} from './contract.ts';
export { digest } from './digest.ts';
export { parseExactJson } from './http/exact-json.ts';
export { ANSWER_LOST, NOT_SENT } from './http/network-failure.ts';
export type { OperationPolicy, OperationPolicyOverrides } from './http/operation-policy.ts';
export { path } from './http/path.ts';
export { CIRCUIT_OPEN } from './http/retrier.ts';
export { interleave } from './interleave.ts';
export { type PageAsked, type PagingOptions, pagesOf, type WirePage } from './items/paging.ts';
export { Limitations } from './limitations.ts';
export type { DataSource, Sourced } from './lineage/data-source.ts';
export {
  budgetKeyOf,
  type ConnectionAccess,
  type ConnectionAccessOptions,
  makeConnectionKit,
} from './make-connection-kit.ts';
export { OneAtATime } from './one-at-a-time.ts';
export { PermittedPoll, type PermittedPollOptions } from './permitted-poll.ts';
export { adapterConfig } from './process/adapter-config.ts';
export { announcementOf } from './process/announcement.ts';
export { type ProbeOptions, probeOnce } from './process/probe-once.ts';
export { runAdapter } from './process/run-adapter.ts';
export { Presence } from './sweep/presence.ts';
export { type Call, type Look, Sweep, type SweepOptions, type Window } from './sweep/sweep.ts';
export { MemoryTokenStore } from './tokens/memory-token-store.ts';
export type { Claim, KeptToken, TokenStore } from './tokens/token-store.ts';
export { unitReader } from './units.ts';
