import type { components } from '../openapi/events.ts';

type Schemas = components['schemas'];

/** Name of an event, such as `telemetry.observed`. */
export type EventName = Schemas['EventName'];
/** What events are about, such as `telemetry`: all of an area's events. */
export type EventArea = keyof Schemas['EventOfArea'];

type AreaOf<N extends EventName> = N extends `${infer A extends EventArea}.${string}` ? A : never;

/** Most events are as all of their area; some have a form of their own. */
type Shape<N extends EventName> = N extends keyof Schemas['EventOfName']
  ? Schemas['EventOfName'][N]
  : Schemas['EventOfArea'][AreaOf<N>];

/** An event as it was published: CloudEvents 1.0. A later version of the service may say more. */
export type TributaryEvent<N extends EventName = EventName> = N extends EventName
  ? Shape<N> & { type: `io.tributary.${N}.v1` }
  : never;

/** The events that a wish for names and areas lets through. */
export type Chosen<T extends EventName | EventArea> = Extract<EventName, T | `${T}.${string}`>;

/** One event of the log. Who has handled it keeps `cursor`, and goes on after it the next time. */
export type LoggedEvent<N extends EventName = EventName> = N extends EventName
  ? { kind: 'event'; cursor: string; name: N; event: TributaryEvent<N> }
  : never;

/**
 * Events were missed that are no longer kept: what was known must be read anew, from `snapshots` and whatever else one
 * keeps. What comes after it begins now.
 */
export interface Resync {
  kind: 'resync';
  /** Undefined where the service does not say where it goes on. */
  cursor: string | undefined;
  reason: string;
  snapshots: string[];
}

export interface EventWishes<T extends EventName | EventArea = EventName | EventArea> {
  /** Begin after the event of this cursor; default with what is new. */
  after?: string | undefined;
  /** Begin at this time, exact to the second, where no cursor is given. */
  since?: Date | string | undefined;
  /** Names such as `telemetry.observed`, or areas such as `command`; default all. */
  types?: readonly T[];
  /** Ids of devices, commands, files or connections. */
  subject?: readonly string[];
  connection?: string;
  platform?: string;
  /** Where the data came from; `['live', 'poll']` leaves out what backfills read again. Default all. */
  origins?: readonly ('live' | 'poll' | 'backfill' | 'replay' | 'import')[];
}

export interface EventOptions<T extends EventName | EventArea = EventName | EventArea> extends EventWishes<T> {
  /** Ends the iteration, which then throws the signal's reason. */
  signal?: AbortSignal;
  /** A connection on which nothing came for so long is opened anew. Default 45 000: three heartbeats. */
  silenceMs?: number;
  /** Wait before a connection is opened anew; default what the service asks for. */
  reconnectMs?: number;
}
