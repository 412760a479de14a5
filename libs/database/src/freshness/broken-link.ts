import { type Json, type Link, type LinkEvidence, links, type SilenceCause } from '@tributary/contracts';

/** Something that was seen of one link; milliseconds since 1970. */
export interface LinkFact {
  link: Link;
  detail: string;
  firstMs: number;
  lastMs: number;
  times: number;
  /** Native id, where it is known that only this device is concerned. */
  device?: string;
  data?: Record<string, Json>;
}

/** What the adapter that looks after a connection knows of it. */
export interface ConnectionFacts {
  /** Of links that are broken now, and of items that did not fit. What has become well is not in here. */
  facts: LinkFact[];
  /** When a part that brings data last went through well. */
  wellMs?: number;
  /** Interval of the most frequent poll that brings data. */
  pollEveryMs?: number;
}

export interface Silence {
  nativeId: string;
  /** When something last came. */
  sinceMs: number;
  everyMs: number;
  nowMs: number;
}

export interface Known {
  /** Undefined: no adapter has ever told of the connection. */
  adapter: (ConnectionFacts & { seenMs: number }) | undefined;
  /** Of the house itself: broker, database, what is parked of this device. */
  house: readonly LinkFact[];
}

/** An adapter that has not been heard of for this long does not look after the connection. */
export const ADAPTER_HEARD_MS = 20_000;
const CLOCKS_DIFFER_MS = 2_000;
const SHOWN_EVIDENCE = 8;

/**
 * Why nothing comes of a device: the first link, from the platform to us, of which there is evidence. Undefined while
 * there is none and it is not known either that the way is well: then it is too early to say. `device` is said only
 * where something went through well at a time when the device should have sent.
 */
export function firstBrokenLink(silence: Silence, known: Known): SilenceCause | undefined {
  const evidence = [...(known.adapter?.facts ?? []), ...known.house, ...adapterGone(silence, known)]
    .filter((fact) => concerns(fact, silence))
    .toSorted((a, b) => order(a.link) - order(b.link) || b.lastMs - a.lastMs);
  const [first] = evidence;
  if (first) return { link: first.link, detail: first.detail, evidence: evidence.slice(0, SHOWN_EVIDENCE).map(told) };
  const wellMs = known.adapter?.wellMs;
  if (wellMs === undefined || wellMs < silence.sinceMs + silence.everyMs / 2) return undefined;
  const detail = 'the platform answers, and what it gives holds nothing new of this device';
  return { link: 'device', detail, evidence: [told(wellAt(detail, wellMs, silence.sinceMs))] };
}

/** Seen since the device was last heard of, give or take what clocks differ by. */
const concerns = ({ lastMs, device }: LinkFact, { sinceMs, everyMs, nativeId }: Silence): boolean =>
  lastMs >= sinceMs - Math.min(everyMs, CLOCKS_DIFFER_MS) && (device === undefined || device === nativeId);

/** While the database is away nobody can be heard of: that is not the adapter's fault. */
function adapterGone({ nowMs, sinceMs }: Silence, { adapter, house }: Known): LinkFact[] {
  const heardMs = adapter?.seenMs ?? sinceMs;
  const databaseMs = Math.max(0, ...house.filter(({ link }) => link === 'database').map(({ lastMs }) => lastMs));
  if (nowMs - Math.max(heardMs, databaseMs) <= ADAPTER_HEARD_MS) return [];
  return [
    { link: 'adapter', detail: 'no adapter looks after the connection', firstMs: heardMs, lastMs: nowMs, times: 1 },
  ];
}

const wellAt = (detail: string, lastMs: number, firstMs: number): LinkFact => ({
  link: 'device',
  detail,
  firstMs: Math.min(firstMs, lastMs),
  lastMs,
  times: 1,
});

const order = (link: Link): number => links.indexOf(link);

const told = ({ link, detail, firstMs, lastMs, times, data }: LinkFact): LinkEvidence => ({
  link,
  detail,
  firstAt: new Date(firstMs).toISOString(),
  lastAt: new Date(lastMs).toISOString(),
  times,
  ...(data === undefined ? {} : { data }),
});
