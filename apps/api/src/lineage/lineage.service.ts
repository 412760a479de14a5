import { Inject, Injectable } from '@nestjs/common';
import { eventTimeMs, type Lineage, type LineagePoint, revTimeMs, telemetryEventId } from '@tributary/contracts';
import type { FoundEvent } from '@tributary/messaging';
import { logProblem } from '../events/log-problem.ts';
import { HOUSE, type House } from '../house.ts';
import { notFound } from '../http/problem-error.ts';
import { type GivenPoint, judgePoint, type KeptPoint } from './judge-point.ts';
import { LineageStore } from './lineage-store.ts';
import { presentEvent, type ToldEvent, timesOf, toldEvent, traceIdOf } from './told-event.ts';

/** A stored value that somebody asks about. */
export interface AskedValue {
  seriesId: number;
  ts: Date;
  /** Of a revision; the value that stands now where it is absent. */
  rev?: string | undefined;
}

/** What is known of an event beside what it says itself. */
interface Known {
  eventId: string | undefined;
  /** What came of looking for it. */
  found: FoundEvent;
  points: LineagePoint[];
  sealedAt: Date | undefined;
}

type Gap = Lineage['gone'][number];

const NOT_KEPT: Record<'gone' | 'absent' | 'unfinished', string> = {
  gone: 'the log begins after the event was made',
  absent: 'the log has no such event',
  unfinished: 'the log is too busy at that time to be searched to its end',
};

/** Puts together what the log, the store and the ledger of deliveries know of one event. */
@Injectable()
export class LineageService {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(LineageStore) private readonly store: LineageStore,
  ) {}

  /** Throws 404 for an event that the log would have and has not, and of which there is no other trace. */
  async ofEvent(workspace: string, eventId: string, signal: AbortSignal): Promise<Lineage> {
    const atMs = eventTimeMs(eventId);
    if (atMs === undefined) throw notFound('event');
    const found = await this.#find({
      atMs,
      likely: (id, key) => (id === undefined || id === eventId) && key.startsWith(`${workspace}.`),
      sure: ({ text }) => text.includes(`"id":"${eventId}"`),
      signal,
    });
    const told = found.event && toldEvent(found.event);
    const { points, sealedAt } = await this.#pointsOf(told);
    const lineage = await this.#lineage({ eventId, found, points, sealedAt }, told);
    const traced = lineage.parked.length > 0 || lineage.deliveries.length > 0;
    const never = !found.event && (found.because === 'absent' || atMs > this.house.clock.now());
    if (never && !traced && !(await this.store.isPlatformEvent(eventId))) throw notFound('event');
    return lineage;
  }

  /** Throws 404 where there is no such value. */
  async ofValue(workspace: string, { seriesId, ts, rev }: AskedValue, signal: AbortSignal): Promise<Lineage> {
    const series = await this.store.seriesOf(seriesId);
    if (!series) throw notFound('series');
    const { signal: name, deviceId, connectionId } = series;
    const asked = { signal: name, ts: ts.toISOString() };
    const { points, sealedAt } = await this.store.points(deviceId, rev ?? '', [asked]);
    const kept = points[0] as KeptPoint;
    const value = [kept.current, ...kept.revisions].find((one) => one && (rev === undefined || one.rev === rev));
    if (!value) throw notFound('value');
    const derivedId = telemetryEventId(connectionId, value.rev);
    const found = await this.#find({
      atMs: revTimeMs(value.rev),
      likely: (_id, key) => key.startsWith(`${workspace}.telemetry.`) && key.endsWith(`.${deviceId}`),
      sure: ({ text }) => text.includes(`"rev":"${value.rev}"`),
      signal,
    });
    const told = found.event && toldEvent(found.event);
    const { unit } = told?.telemetry?.points.find((one) => sameTime(one, asked)) ?? {};
    const given = { ...asked, value: value.value, rev: value.rev, ...(unit === undefined ? {} : { unit }) };
    const sealed = rev === undefined ? await this.#sealedAt(deviceId, given) : sealedAt;
    const known = { found, points: [judgePoint(given, kept)], sealedAt: sealed };
    const lineage = await this.#lineage({ ...known, eventId: told?.event.id ?? derivedId }, told);
    return told || lineage.parked.length > 0 || lineage.deliveries.length > 0 ? lineage : withoutId(lineage);
  }

  async #find(query: Parameters<House['events']['find']>[0]): Promise<FoundEvent> {
    return this.house.events.find(query).catch((error: unknown) => {
      throw logProblem(error, '/path');
    });
  }

  async #sealedAt(deviceId: string, given: GivenPoint): Promise<Date | undefined> {
    return (await this.store.points(deviceId, given.rev, [given])).sealedAt;
  }

  async #pointsOf(told: ToldEvent | undefined): Promise<Pick<Known, 'points' | 'sealedAt'>> {
    if (!told?.telemetry) return { points: [], sealedAt: undefined };
    const { deviceId, rev, points: given } = told.telemetry;
    const { points, sealedAt } = await this.store.points(deviceId, rev, given);
    const judged = given.map(({ signal, ts, value, unit }, at) =>
      judgePoint({ signal, ts, value, rev, ...(unit === undefined ? {} : { unit }) }, points[at] as KeptPoint),
    );
    return { points: judged, sealedAt };
  }

  async #lineage({ eventId, found, points, sealedAt }: Known, told: ToldEvent | undefined): Promise<Lineage> {
    const [parked, deliveries] =
      eventId === undefined
        ? [[], []]
        : await Promise.all([this.store.parked(eventId), this.store.deliveries(eventId)]);
    const gone = gapsOf(found, told, points);
    const traceId = told && traceIdOf(told.event);
    return {
      ...(eventId === undefined ? {} : { eventId }),
      complete: gone.length === 0,
      gone,
      ...(told ? { event: presentEvent(told) } : {}),
      ...(traceId === undefined ? {} : { traceId }),
      ...(told?.via ? { via: told.via } : {}),
      times: timesOf(told, points, sealedAt),
      points,
      parked,
      deliveries,
    };
  }
}

/** What was known once, or could have been, and is not any more. */
function gapsOf(found: FoundEvent, told: ToldEvent | undefined, points: readonly LineagePoint[]): Gap[] {
  const gaps: Gap[] = [];
  if (!found.event) gaps.push({ what: 'log', reason: NOT_KEPT[found.because] });
  else if (!told) gaps.push({ what: 'log', reason: 'what the log has does not fit the contract of events' });
  else if (told.ofPlatform && !told.via?.calls && !told.via?.messages) {
    gaps.push({ what: 'via', reason: 'its publisher did not say what it came from' });
  }
  if (!told && points.length === 0)
    gaps.push({ what: 'series', reason: 'only the event says which points it brought' });
  const unknown = points.some(({ state, committedAt }) => ownsRow(state) && committedAt === undefined);
  if (unknown) gaps.push({ what: 'commit', reason: 'times of commits of that time are no longer kept' });
  return gaps;
}

const ownsRow = (state: LineagePoint['state']): boolean => state === 'stored' || state === 'corrected';

const sameTime = (one: { signal: string; ts: string }, other: { signal: string; ts: string }): boolean =>
  one.signal === other.signal && Date.parse(one.ts) === Date.parse(other.ts);

function withoutId({ eventId: _unproven, ...lineage }: Lineage): Lineage {
  return lineage;
}
