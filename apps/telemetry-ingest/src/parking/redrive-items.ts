import { createHash } from 'node:crypto';
import {
  base32,
  deviceId,
  isPlatformError,
  makeEvent,
  type ParkReason,
  type RequestPayload,
  type RequestReply,
  type RoutingParts,
  type TributaryEvent,
} from '@tributary/contracts';
import { type AdapterBook, minuteOf, type ParkedMessage } from '@tributary/database';
import type { Fault } from './reasons.ts';
import { type How, NO_POINTS, type Redrive, type Redriven, refused, verdictOf } from './redrive.ts';

type Read = RequestReply<'items.preview'>;
type Telemetry = TributaryEvent<'telemetry.observed'>;

export interface RedriveItemsParts {
  /** Asks any adapter of the platform; rejects with a `PlatformError`. */
  ask(platform: string, question: RequestPayload<'items.preview'>, signal: AbortSignal): Promise<Read>;
  telemetry: Redrive;
  /** Resolves once the bus has it. */
  publish(event: Telemetry, routing: RoutingParts, signal: AbortSignal): Promise<void>;
  book: Pick<AdapterBook, 'record'>;
}

/** An item that has what a replay needs. */
interface Item {
  row: ParkedMessage;
  workspace: string;
  platform: string;
  connectionId: string;
  /** Numbers its points; always the same, so that a second replay adds nothing to the account. */
  run: string;
}

/** Times of a rev are milliseconds above this many bits: greater than this rev is all that was stamped since. */
const REV_TIME_SHIFT = 21n;

/**
 * Items that an adapter set aside: read by the adapter as it reads them today, then stored and published as telemetry of
 * origin `replay`, stamped with the time at which they were set aside. What the platform has said since wins.
 */
export const redriveItems =
  (parts: RedriveItemsParts): Redrive =>
  async ({ row }, how, signal) => {
    const item = itemOf(row);
    if (!item || row.sealed === null) return unreadable(row, 'it is too large to be kept as it came');
    const { area, sealed, parkedAt } = row;
    const question = { connectionId: item.connectionId, what: area ?? '', sealed, asideAt: parkedAt.toISOString() };
    let read: Read;
    try {
      read = await parts.ask(item.platform, question, signal);
    } catch (error) {
      if (!isPlatformError(error)) throw error;
      return unreadable(row, error.message);
    }
    if (read.batches.length === 0) return refused({ reason: row.reason as ParkReason, problems: read.problems });
    return redriveEvents(eventsOf(item, read), item, parts, { how, signal });
  };

async function redriveEvents(
  events: readonly Telemetry[],
  item: Item,
  { telemetry, publish, book }: RedriveItemsParts,
  { how, signal }: { how: How; signal: AbortSignal },
): Promise<Redriven> {
  const redriven: Redriven[] = [];
  for (const event of events) {
    const payload = Buffer.from(JSON.stringify(event));
    redriven.push(await telemetry({ row: item.row, payload }, how, signal));
  }
  const whole = together(redriven);
  if (how === 'preview' || whole.fault) return whole;
  const { workspace, platform, connectionId } = item;
  for (const event of events) {
    const routing = {
      workspace,
      event: 'telemetry.observed',
      platform,
      connectionId,
      subjectId: event.subject,
    } as const;
    await publish(event, routing, signal);
  }
  await book.record([accountOf(item, events)]);
  return whole;
}

/** Of several messages as of one. */
function together(redriven: readonly Redriven[]): Redriven {
  const fault = redriven.find((one) => one.fault)?.fault;
  const points = { ...NO_POINTS };
  for (const { verdict } of redriven) {
    for (const name of Object.keys(points) as (keyof typeof points)[]) points[name] += verdict.points[name];
  }
  const anythingFits = redriven.some(({ verdict }) => verdict.fits !== 'not');
  const parked = redriven.find((one) => one.points)?.points;
  return { verdict: verdictOf(fault, anythingFits, points), fault, points: parked };
}

function itemOf(row: ParkedMessage): Item | undefined {
  const { workspace, platform, connectionId } = row;
  if (workspace === null || platform === null || connectionId === null) return undefined;
  return { row, workspace, platform, connectionId, run: `run_${base32(hashOf(row.id, 'run')).slice(0, 26)}` };
}

function eventsOf({ row, workspace, platform, connectionId, run }: Item, { batches }: Read): Telemetry[] {
  const rev = String(BigInt(row.parkedAt.getTime()) << REV_TIME_SHIFT);
  let first = 0;
  return batches.map(({ nativeId, points }, place) => {
    const subject = deviceId(connectionId, nativeId);
    const numbers = { id: run, first, confirmed: 0 };
    first += points.length;
    return makeEvent({
      id: eventIdOf(row.id, place),
      name: 'telemetry.observed',
      workspace,
      platform,
      connectionId,
      subject,
      time: row.parkedAt.toISOString(),
      origin: 'replay',
      data: { deviceId: subject, nativeId, rev, run: numbers, points },
    });
  });
}

/** The run of a replay, as the adapter's side of the account: received, numbered and handed over, and no more will come. */
function accountOf({ row, workspace, connectionId, run }: Item, events: readonly Telemetry[]) {
  const received = events.reduce((sum, { data }) => sum + data.points.length, 0);
  const dropped = { unchanged: 0, setAside: {}, unacknowledged: 0 };
  const minute = { workspace, connectionId, run, minuteMs: minuteOf(row.parkedAt.getTime()), epoch: 0 };
  return {
    ...minute,
    received,
    ...dropped,
    numbered: received,
    confirmed: [[0, received]] as const,
    past: true,
    ended: true,
  };
}

const hashOf = (id: string, what: string): Buffer => createHash('sha256').update(`${id} ${what}`).digest();

/** UUIDv8: the same for the same item. */
function eventIdOf(id: string, place: number): string {
  const bytes = hashOf(id, String(place)).subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** It stays what it was, and the verdict says why nothing can be said of it now. */
function unreadable({ reason, problems }: ParkedMessage, why: string): Redriven {
  const fault: Fault = { reason: reason as ParkReason, problems };
  return { verdict: verdictOf({ ...fault, problems: [{ path: '', problem: why }] }, false), fault };
}
