import type { EntityRecord, SortKey } from '@tributary/contracts';
import type { Position } from './position.ts';

/** A page of one source as its platform gave it. */
export interface SourcePage {
  records: readonly EntityRecord[];
  /** Is a record of this page one of those asked for? The platform may have left a part of the filter. */
  wanted(record: EntityRecord): boolean;
  /** The platform's cursor of the page behind; absent on the last. */
  next?: string | undefined;
}

export interface Reading<S> {
  /** In the order in which they stand in for each other where nothing else decides. */
  sources: readonly { source: S; position: Position }[];
  sort: readonly SortKey[];
  limit: number;
  /** One page; undefined where the source failed: then nothing of it is given, and nothing is passed over. */
  read(source: S, asked: { at?: string; limit: number }): Promise<SourcePage | undefined>;
}

export interface Found<S> {
  items: { source: S; record: EntityRecord }[];
  /** Where each source stands now. */
  positions: Map<S, Position>;
}

/** A page that leads to itself would lead round in a circle: it is the last. */
export const behind = ({ next }: SourcePage, at: string | undefined): Position =>
  next === undefined || next === at ? 'done' : { at: next };
