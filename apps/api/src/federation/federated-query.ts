import { Inject, Injectable } from '@nestjs/common';
import type { EntityAnswer, EntityQuestion, Filter } from '@tributary/contracts';
import { formatFilter } from '@tributary/contracts';
import type { CallerIdentity } from '../auth/caller.ts';
import { targetOf } from '../connections/connection-rows.ts';
import type { Asking } from '../connections/connections.service.ts';
import { checkEntityFilter, entitySort } from '../entities/entity-filter.ts';
import { partsOf } from '../entities/entity-page.ts';
import { presentEntity } from '../entities/entity-tag.ts';
import { operationLimits } from '../gateway/operation-limits.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { badRequest, type Fault, ProblemError } from '../http/problem-error.ts';
import { bindingOf } from '../lists/cursor.ts';
import { readFilter } from '../lists/read-filter.ts';
import type { SortField } from '../lists/sort.ts';
import { type Candidate, Candidates } from './candidates.ts';
import { Unmergeable } from './merge.ts';
import { markOf, type Position, readPositions, writePositions } from './position.ts';
import { readAcross } from './read-across.ts';
import type { SourcePage } from './reading.ts';
import { demandEnough, refusedBy } from './requirement.ts';
import { isRefusal, isSourceFailure } from './source-failure.ts';
import { SourceReport } from './source-report.ts';

/** One source, where it stands, and what becomes of it. */
interface Source {
  candidate: Candidate;
  position: Position;
  report: SourceReport;
}

/** A question that is good for all its sources. */
interface Checked {
  filter: Filter | undefined;
  sort: SortField[];
  limit: number;
}

/** Entities of several connections, asked with one question. */
@Injectable()
export class FederatedQuery {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(Candidates) private readonly candidates: Candidates,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
  ) {}

  /**
   * One page. Throws 400 for a filter or an order that one of the types does not know, what a platform says that does not
   * take the question, the failure of a source where none answers, and `sources-incomplete` where all must.
   */
  async ask(caller: CallerIdentity, question: EntityQuestion, asking: Asking): Promise<EntityAnswer> {
    const { traceId } = asking;
    const within = { ...asking, deadlineMs: this.house.clock.now() + operationLimits.read.deadlineMs };
    const filter = readWhole(question.filter);
    const candidates = await this.candidates.find(caller, question, within);
    const checked = { filter, sort: checkEach(candidates, question, filter), limit: question.limit };
    const binding = bindingOf('entities:query', caller.workspace, {
      ...question,
      cursor: undefined,
      require: undefined,
    });
    const sources = standing(candidates, question.cursor, binding, checked.sort.length > 0);
    const { items, positions } = await this.#page(sources, checked, within);
    const nowMs = this.house.clock.now();
    const reports = sources.map((source) => {
      const own = items.filter((item) => item.source === source).length;
      const position = positions.get(source) ?? source.position;
      return source.report.resource({ items: own, position, nowMs, traceId });
    });
    demandEnough({ sources, reports, items: items.length, require: question.require, traceId });
    const open = [...positions.values()].some((position) => typeof position === 'object');
    const entries = [...positions].map(([{ candidate }, position]): [string, Position] => [candidate.key, position]);
    return {
      items: items.map(({ source: { candidate }, record }) => ({
        connectionId: candidate.connection.id,
        platform: candidate.connection.platform,
        ...presentEntity(record),
      })),
      page: open ? { nextCursor: writePositions(binding, entries) } : {},
      meta: { complete: reports.every(({ status }) => status === 'ok'), sources: reports },
    };
  }

  async #page(sources: Source[], checked: Checked, asking: Asking) {
    try {
      return await readAcross({
        sources: sources.map((source) => ({ source, position: source.position })),
        sort: checked.sort,
        limit: checked.limit,
        read: (source, asked) => this.#read(source, checked, asked, asking),
      });
    } catch (error) {
      if (!(error instanceof Unmergeable)) throw error;
      const { candidate } = error.source as Source;
      throw new ProblemError(
        'unprocessable',
        `${nameOf(candidate)} is sorted by its platform by rules of its own, so that its records cannot be put in one order with others. Sort by another field, or ask for it alone.`,
        { platform: targetOf(candidate.connection), cause: error },
      );
    }
  }

  /** Undefined where the source failed; its report says why. */
  async #read(
    { candidate, report }: Source,
    { filter, sort }: Checked,
    { at, limit }: { at?: string; limit: number },
    asking: Asking,
  ): Promise<SourcePage | undefined> {
    const target = targetOf(candidate.connection);
    // The type could not be found out: nothing is known of what could be asked.
    if (report.failure !== undefined) return undefined;
    let told: number | undefined;
    const onVendorCalls = (calls: number) => {
      told = calls;
    };
    const payload = {
      connectionId: target.connectionId,
      type: candidate.type,
      sort,
      limit,
      ...(filter ? { filter: formatFilter(filter) } : {}),
      ...(at === undefined ? {} : { cursor: at }),
    };
    try {
      const known = await this.gateway.askKnowing(target, 'entities.query', payload, { ...asking, onVendorCalls });
      const { reply: answer } = known;
      const { parts, wanted } = filter ? partsOf(answer, filter, target) : { parts: {}, wanted: () => true };
      report.answered(parts, known, told);
      return { records: answer.items, wanted, next: answer.nextCursor };
    } catch (error) {
      if (isRefusal(error)) throw refusedBy(error, candidate);
      if (!isSourceFailure(error)) throw error;
      report.failed(error, told);
      return undefined;
    }
  }
}

const readWhole = (text: string | undefined): Filter | undefined =>
  text === undefined ? undefined : readFilter(text, (tree) => tree, '/body/filter');

/** Holds filter and order against every type; throws one 400 that names each type that lacks something. */
function checkEach(candidates: Candidate[], { filter: text, sort }: EntityQuestion, filter: Filter | undefined) {
  const faults: Fault[] = [];
  let order: SortField[] = [];
  for (const candidate of candidates) {
    const { found } = candidate;
    if (!found) continue;
    try {
      if (filter && text !== undefined) readFilter(text, (tree) => checkEntityFilter(tree, found), '/body/filter');
      order = entitySort(sort, found, '/body/sort');
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const named = (error.options.errors ?? []).map(({ pointer, detail }) => ({
        pointer,
        detail: `${nameOf(candidate)}: ${detail}`,
      }));
      faults.push(...named);
    }
  }
  if (faults.length > 0) throw badRequest(faults);
  return order;
}

/** Where each source stands: at its beginning, or where the cursor says; whoever came since then is no part of it. */
function standing(candidates: Candidate[], cursor: string | undefined, binding: string, sorted: boolean): Source[] {
  const source = (candidate: Candidate, position: Position): Source => {
    const report = new SourceReport(candidate);
    if (position === 'done') report.failure = undefined;
    if (position === 'lost') report.failure = leftOut(candidate);
    // What cannot be asked now has no place in an order that begins now.
    const late = sorted && position !== 'done' && candidate.failure !== undefined;
    return { candidate, position: late ? 'lost' : position, report };
  };
  if (cursor === undefined) return candidates.map((candidate) => source(candidate, {}));
  const known = new Map(candidates.map((candidate) => [markOf(candidate.key), candidate]));
  return [...readPositions(cursor, binding)].flatMap(([key, position]) => {
    const candidate = known.get(key);
    return candidate ? [source(candidate, position)] : [];
  });
}

const leftOut = ({ connection }: Candidate): ProblemError =>
  new ProblemError(
    'sources-incomplete',
    'It failed on an earlier page, and what it has left is no part of this order. Ask for that page again, or begin anew.',
    { platform: targetOf(connection) },
  );

const nameOf = ({ type, connection }: Candidate): string => `"${type}" of ${connection.id}`;
