import { runNumbers } from '@tributary/contracts';
import { minuteOf, NO_NUMBERS, type ParkedPoints, rangesOf, union } from '@tributary/database';
import { z } from 'zod';
import { MAX_POINTS, SOURCE, type TelemetryMessage } from './telemetry-message.ts';

/** What the account knows these points of a message by; all of them where none are named. Places in `message.points`. */
export function accountPoints(message: TelemetryMessage, points?: readonly number[]): ParkedPoints {
  const places = (points ?? [...message.points.keys()]).map((point) => message.places?.[point] ?? point);
  return atPlaces(message, places);
}

type Known = Pick<TelemetryMessage, 'workspace' | 'connectionId' | 'receivedMs' | 'run'>;

/** Places in the message as it came. */
function atPlaces({ workspace, connectionId, receivedMs, run }: Known, places: readonly number[]): ParkedPoints {
  const numbers = run ? rangesOf(places.map((place) => [run.first + place, run.first + place + 1])) : NO_NUMBERS;
  const minute = { workspace, connectionId, run: run?.id ?? '', minuteMs: minuteOf(receivedMs) };
  return { ...minute, numbers, points: places.length, confirmedBelow: run?.confirmed ?? 0 };
}

/** As little of an event as tells whose points it brings. */
const outline = z.object({
  id: z.uuid().optional().catch(undefined),
  source: z.string().regex(SOURCE),
  time: z.iso.datetime({ offset: true }),
  data: z.object({ run: runNumbers.optional().catch(undefined), points: z.array(z.unknown()).min(1).max(MAX_POINTS) }),
});

export interface Claim {
  workspace: string;
  connectionId: string;
  eventId: string | undefined;
  points: ParkedPoints;
}

/**
 * Whose points a message brings that does not fit as a whole; undefined where not even that can be read. With `good`,
 * only those that are not among the good ones.
 */
export function claimOf(json: unknown, good?: TelemetryMessage): Claim | undefined {
  const read = outline.safeParse(json);
  if (!read.success) return undefined;
  const { id: eventId, source, time, data } = read.data;
  const [, workspace = '', connectionId = ''] = SOURCE.exec(source) ?? [];
  const kept = new Set(good?.places);
  const places = [...data.points.keys()].filter((place) => !kept.has(place));
  const known = { workspace, connectionId, receivedMs: Date.parse(time), run: data.run };
  return { workspace, connectionId, eventId, points: atPlaces(known, places) };
}

/** Of two parts of one message. */
export function together(a: ParkedPoints | undefined, b: ParkedPoints | undefined): ParkedPoints | undefined {
  if (!a || !b) return a ?? b;
  return { ...a, numbers: union(a.numbers, b.numbers), points: a.points + b.points };
}
