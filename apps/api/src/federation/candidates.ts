import { Inject, Injectable } from '@nestjs/common';
import type { EntityQuestion, EntityType } from '@tributary/contracts';
import type { CallerIdentity } from '../auth/caller.ts';
import { type ConnectionRow, targetOf } from '../connections/connection-rows.ts';
import { ConnectionStore } from '../connections/connection-store.ts';
import type { Asking } from '../connections/connections.service.ts';
import { EntityTypes } from '../entities/entity-types.ts';
import { type Fault, ProblemError, pointer } from '../http/problem-error.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';
import { isSourceFailure } from './source-failure.ts';

/** A connection and one of its types. */
export interface Candidate {
  /** Names it within an answer and its cursor. */
  key: string;
  connection: ConnectionRow;
  type: string;
  /** Absent where the connection could not be asked for its types: then it may have this one. */
  found?: EntityType;
  failure?: unknown;
  /** Calls to the platform that finding its type has cost; undefined where nobody could tell. */
  vendorCalls?: number;
}

/** So many sources has a question at most, and of so many connections the types are looked up. */
const MOST = 50;

/** Which connections a question is for. */
@Injectable()
export class Candidates {
  constructor(
    @Inject(ConnectionStore) private readonly connections: ConnectionStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(EntityTypes) private readonly entityTypes: EntityTypes,
  ) {}

  /**
   * In an order that stays. Throws 404 for a connection or a type that is not there, `capability-unsupported` for a
   * connection that is named and keeps no entities, 422 where there are too many.
   */
  async find(caller: CallerIdentity, question: EntityQuestion, asking: Asking): Promise<Candidate[]> {
    const all = new Map((await this.connections.all(caller.workspace)).map((row) => [row.id, row]));
    const pairs = question.sources ? named(question.sources, all) : await this.#possible(question, all);
    if (question.sources) await this.#demand(pairs);
    const candidates = await this.#looked(pairs, asking);
    const { there, missing } = question.sources ? ofSources(candidates, question) : ofTypes(candidates, question);
    if (missing.length > 0) throw absent('entity type', missing);
    if (there.length > MOST) throw tooMany(`${there.length} sources`);
    return there;
  }

  /** Connections that may have the types, each with all of them. */
  async #possible({ connections, platforms, types = [] }: EntityQuestion, all: ReadonlyMap<string, ConnectionRow>) {
    const faults = (connections ?? []).flatMap((id, i) => (all.has(id) ? [] : [notThere('connections', i)]));
    if (faults.length > 0) throw absent('connection', faults);
    const offers = new Map((await this.catalogue.list()).map(({ id, capabilities }) => [id, capabilities]));
    const possible = [...all.values()].filter(
      ({ id, platform }) =>
        (connections?.includes(id) ?? true) &&
        (platforms?.includes(platform) ?? true) &&
        (offers.get(platform)?.includes('entities.read') ?? true),
    );
    if (possible.length > MOST) throw tooMany(`${possible.length} connections`);
    return possible.flatMap((connection) => [...new Set(types)].map((type) => ({ connection, type })));
  }

  async #demand(pairs: readonly { connection: ConnectionRow }[]): Promise<void> {
    for (const { connection } of pairs) await this.catalogue.demand(targetOf(connection), 'entities.read');
  }

  /** Every connection is asked once, all at the same time; the first of its candidates bears what it costs. */
  async #looked(pairs: readonly { connection: ConnectionRow; type: string }[], asking: Asking): Promise<Candidate[]> {
    const lookups = new Map<string, Promise<LookUp>>();
    return Promise.all(
      pairs.map(async ({ connection, type }) => {
        const known = lookups.get(connection.id);
        const lookup = known ?? this.#lookUp(connection, asking);
        lookups.set(connection.id, lookup);
        const { types, failure, vendorCalls } = await lookup;
        const found = types?.find(({ name }) => name === type);
        return {
          key: `${connection.id} ${type}`,
          connection,
          type,
          ...(found ? { found } : {}),
          ...(failure === undefined ? {} : { failure }),
          ...(known ? { vendorCalls: 0 } : vendorCalls === undefined ? {} : { vendorCalls }),
        };
      }),
    );
  }

  async #lookUp(connection: ConnectionRow, asking: Asking): Promise<LookUp> {
    const known = this.entityTypes.known(connection);
    if (known) return { types: known, vendorCalls: 0 };
    const cost: { vendorCalls?: number } = {};
    const onVendorCalls = (calls: number) => {
      cost.vendorCalls = calls;
    };
    try {
      const { reply } = await this.entityTypes.read(connection, { ...asking, onVendorCalls });
      return { types: reply, ...cost };
    } catch (failure) {
      if (!isSourceFailure(failure)) throw failure;
      return { failure, ...cost };
    }
  }
}

interface LookUp {
  types?: EntityType[];
  failure?: unknown;
  vendorCalls?: number;
}

function named(sources: NonNullable<EntityQuestion['sources']>, all: ReadonlyMap<string, ConnectionRow>) {
  const faults: Fault[] = [];
  const pairs = new Map<string, { connection: ConnectionRow; type: string }>();
  for (const [i, { connectionId, type }] of sources.entries()) {
    const connection = all.get(connectionId);
    if (connection) pairs.set(`${connectionId} ${type}`, { connection, type });
    else faults.push(notThere('sources', i, 'connectionId'));
  }
  if (faults.length > 0) throw absent('connection', faults);
  return [...pairs.values()];
}

/** A source that is named and has no such type is a mistake. */
function ofSources(candidates: Candidate[], { sources = [] }: EntityQuestion) {
  const missing = candidates.filter(({ found, failure }) => !found && failure === undefined);
  const at = ({ connection, type }: Candidate) =>
    sources.findIndex((each) => each.connectionId === connection.id && each.type === type);
  return { there: candidates, missing: missing.map((candidate) => notThere('sources', at(candidate), 'type')) };
}

/** A type that no connection has, or may have, is a mistake. */
function ofTypes(candidates: Candidate[], { types = [] }: EntityQuestion) {
  const there = candidates.filter(({ found, failure }) => found || failure !== undefined);
  const has = new Set(there.map(({ type }) => type));
  const missing = types.flatMap((type, i) => (has.has(type) ? [] : [notThere('types', i)]));
  return { there, missing };
}

const notThere = (...path: (string | number)[]): Fault => ({
  pointer: pointer('body', ...path),
  detail: 'There is no such one.',
});

const absent = (what: string, errors: Fault[]): ProblemError =>
  new ProblemError('not-found', `There is no such ${what}.`, { errors });

const tooMany = (what: string): ProblemError =>
  new ProblemError('unprocessable', `${what} are more than the ${MOST} that one question may have; name fewer.`);
