import type { CommandState, EntityRecord, Evidence, Json } from '@tributary/contracts';
import type { Lane } from './manifest.ts';
import type { Checkpoint, NativeId } from './observations.ts';

export interface HistoryQuery {
  device: NativeId;
  fromMs: number;
  toMs: number;
  signals?: string[];
  /** Who is waiting for it; absent: a backfill, which takes what others leave. */
  lane?: Extract<Lane, 'interactive' | 'backfill'>;
  /** The checkpoint of the last page of this very range that was confirmed, where its pages carry one. */
  resume?: Checkpoint;
}

/** What reading a range of one device's history takes, as far as that can be said without asking the platform. */
export interface HistoryCost {
  /** Calls of the platform for the whole range; at least 1. */
  calls: number;
  /** Milliseconds that one call reads: ranges of a multiple of it waste none. Absent: any length is as good. */
  stepMs?: number;
  /** The budget that they spend; absent: every budget that counts requests. */
  budget?: string;
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
