import {
  type AnyEvent,
  eventNameOf,
  type Lineage,
  type LineagePoint,
  type LineageTimes,
  parseEvent,
  type TelemetryData,
  type Via,
} from '@tributary/contracts';
import type { LoggedEvent } from '../events/event-source.ts';

/** An event of the log, read. */
export interface ToldEvent {
  logged: LoggedEvent;
  event: AnyEvent;
  telemetry: TelemetryData | undefined;
  via: Via | undefined;
  /** The house's own say nothing of what they come from. */
  ofPlatform: boolean;
}

/** Undefined for what does not fit the contract: somebody may publish anything. */
export function toldEvent(logged: LoggedEvent): ToldEvent | undefined {
  const parsed = parseEvent(logged.event);
  if (!parsed.ok) return undefined;
  const { event } = parsed;
  const data = event.data as { via?: Via };
  const telemetry = eventNameOf(event.type) === 'telemetry.observed' ? (event.data as TelemetryData) : undefined;
  // A command's way is its transitions.
  const ofPlatform = 'connectionid' in event && !event.type.startsWith('io.tributary.command.');
  return { logged, event, telemetry, via: data.via, ofPlatform };
}

export function presentEvent({ logged, event, telemetry }: ToldEvent): NonNullable<Lineage['event']> {
  const { type, source, subject, platform, origin, time } = event;
  const data = event.data as { deviceId?: string; rev?: string };
  return {
    type,
    source,
    subject,
    platform,
    ...('connectionid' in event ? { connectionId: event.connectionid } : {}),
    ...(data.deviceId === undefined ? {} : { deviceId: data.deviceId }),
    origin,
    time,
    ...(data.rev === undefined ? {} : { rev: data.rev }),
    ...(telemetry?.run ? { run: telemetry.run } : {}),
    cursor: logged.cursor,
    routingKey: logged.routingKey,
    bytes: Buffer.byteLength(logged.text),
  };
}

/** The second part of a `traceparent`. */
export const traceIdOf = ({ traceparent }: AnyEvent): string | undefined => traceparent?.split('-')[1];

/** When what happened, as far as it is known. Of points only those that stand here by this event. */
export function timesOf(
  told: ToldEvent | undefined,
  points: readonly LineagePoint[],
  sealedAt: Date | undefined,
): LineageTimes {
  const observed = points.map(({ ts }) => ts).toSorted((a, b) => Date.parse(a) - Date.parse(b));
  const [from, to] = [observed[0], observed.at(-1)];
  const committed = points
    .flatMap(({ committedAt }) => committedAt ?? [])
    .toSorted()
    .at(-1);
  const sealed = sealedAt?.toISOString();
  const requested = told?.via?.calls?.map(({ at }) => at).toSorted()[0];
  const publishedAtS = told?.logged.publishedAtS ?? 0;
  return {
    ...(from === undefined || to === undefined ? {} : { observed: { from, to } }),
    ...(requested === undefined ? {} : { requested }),
    ...(told ? { received: told.event.time } : {}),
    ...(publishedAtS > 0 ? { published: new Date(publishedAtS * 1_000).toISOString() } : {}),
    ...(sealed === undefined ? {} : { confirmedBy: sealed, sealed }),
    ...(committed === undefined ? {} : { committed }),
  };
}
