import type { AttributeReport, NativeId } from '@tributary/adapter-kit';
import type { Leaf } from './leaves.ts';
import { identityOf, identityReports } from './mapping.ts';

interface PortState {
  /** Time of the newest message. */
  tMs: number;
  values: Map<string, Leaf>;
}

/** What a message changes beside its points. */
export interface Change {
  plug?: { change: 'plugged' | 'unplugged'; device: ReadonlyMap<string, Leaf> };
  attributes: AttributeReport[];
}

/** A value that can be set was heard with this message. */
interface Heard {
  value: number;
  tMs: number;
  receivedAtMs: number;
}

const NOTHING: Change = { attributes: [] };
/** Values of one signal that are remembered for whoever waits to see one. */
const HEARD_OF_EACH = 16;
const SETTABLE = /(^|\.)level$/;

/** May it be set? Then it is a number from 0 to 100, as a lamp's level is. */
export const isSettable = (signal: string, value: Leaf): boolean => SETTABLE.test(signal) && typeof value === 'number';

/** The last known state of every port, from messages that carry all of it or parts. Lives as long as the connection. */
export class PortStates {
  readonly #ports = new Map<NativeId, PortState>();
  readonly #heard = new Map<string, Heard[]>();
  readonly #stamped = new Map<NativeId, number>();

  /**
   * Takes what a port says, by a message that came at `receivedAtMs`, or by what the platform holds. What is older than
   * what is known changes nothing that is known.
   */
  say(port: NativeId, leaves: ReadonlyMap<string, Leaf>, tMs: number, receivedAtMs?: number): Change {
    if (receivedAtMs !== undefined) this.#hear(port, leaves, tMs, receivedAtMs);
    const before = this.#ports.get(port);
    if (before && tMs < before.tMs) return NOTHING;
    const connected = leaves.get('connected');
    const plug = before && plugOf(before.values, leaves);
    // Something else is in the port, or nothing: what is known of the old one says nothing of it.
    const kept = connected === false || plug ? new Map<string, Leaf>() : (before?.values ?? new Map());
    const values = new Map([...kept, ...leaves]);
    this.#ports.set(port, { tMs, values });
    const attributes = identityChanges(before?.values ?? new Map(), values, tMs);
    if (!plug) return { attributes };
    const device = identityOf(plug === 'plugged' ? values : (before?.values ?? values));
    return { attributes, plug: { change: plug, device } };
  }

  /** Time of receipt for a message that tells none: two of one port must not look like one thing said twice. */
  stamp(port: NativeId, nowMs: number): number {
    const tMs = Math.max(nowMs, (this.#stamped.get(port) ?? 0) + 1);
    this.#stamped.set(port, tMs);
    return tMs;
  }

  /** Those values of a whole state that are news: all of an unknown port, none of one that is known to be newer. */
  news(port: NativeId, leaves: ReadonlyMap<string, Leaf>, tMs: number): Map<string, Leaf> {
    const known = this.#ports.get(port);
    if (!known) return new Map(leaves);
    if (tMs < known.tMs) return new Map();
    return new Map([...leaves].filter(([signal, value]) => !same(known.values.get(signal), value)));
  }

  /** Time of the port's newest message. */
  newest(port: NativeId): number | undefined {
    return this.#ports.get(port)?.tMs;
  }

  values(port: NativeId): ReadonlyMap<string, Leaf> | undefined {
    return this.#ports.get(port)?.values;
  }

  /** A message that came after `sinceMs` (our clock), and is newer than `afterT` (the port's), with just this value. */
  heard(port: NativeId, signal: string, wanted: { value: number; sinceMs: number; afterT: number }): Heard | undefined {
    return this.#heard
      .get(`${port} ${signal}`)
      ?.find(
        ({ value, tMs, receivedAtMs }) =>
          value === wanted.value && receivedAtMs >= wanted.sinceMs && tMs > wanted.afterT,
      );
  }

  /** Forgets ports that are gone. */
  keepOnly(isThere: (port: NativeId) => boolean): void {
    for (const port of this.#ports.keys()) if (!isThere(port)) this.#ports.delete(port);
    for (const port of this.#stamped.keys()) if (!isThere(port)) this.#stamped.delete(port);
    for (const key of this.#heard.keys()) if (!isThere(key.slice(0, key.lastIndexOf(' ')))) this.#heard.delete(key);
  }

  #hear(port: NativeId, leaves: ReadonlyMap<string, Leaf>, tMs: number, receivedAtMs: number): void {
    for (const [signal, value] of leaves) {
      if (typeof value !== 'number' || !isSettable(signal, value)) continue;
      const key = `${port} ${signal}`;
      const list = this.#heard.get(key) ?? [];
      list.push({ value, tMs, receivedAtMs });
      if (list.length > HEARD_OF_EACH) list.shift();
      this.#heard.set(key, list);
    }
  }
}

/** Undefined where nothing was known before: that something is plugged in when we first look is no change. */
function plugOf(
  before: ReadonlyMap<string, Leaf>,
  now: ReadonlyMap<string, Leaf>,
): 'plugged' | 'unplugged' | undefined {
  const [was, is] = [before.get('connected'), now.get('connected')];
  if (was === true && is === false) return 'unplugged';
  if (is === false) return undefined;
  if (was === false && is === true) return 'plugged';
  const another = ['device.vendorId', 'device.productId'].some((name) => {
    const [known, said] = [before.get(name), now.get(name)];
    return known !== undefined && said !== undefined && !same(known, said);
  });
  return another ? 'plugged' : undefined;
}

function identityChanges(
  before: ReadonlyMap<string, Leaf>,
  now: ReadonlyMap<string, Leaf>,
  tMs: number,
): AttributeReport[] {
  const [old, young] = [identityOf(before), identityOf(now)];
  const said = new Map([...young].filter(([name, value]) => !same(old.get(name), value)));
  const gone = [...old.keys()].filter((name) => !young.has(name));
  return [
    ...identityReports(said, tMs),
    ...gone.map((name): AttributeReport => ({ scope: 'client', name, tsMs: tMs })),
  ];
}

const same = (a: Leaf | undefined, b: Leaf): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
