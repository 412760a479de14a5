import { Outbox } from '../kit/irregularities.ts';
import { fraction } from '../kit/seeded.ts';
import { type DeviceKind, identityOf, powerOf, valuesOf } from './plugged-devices.ts';
import type { PortData, PortMessage } from './port-data.ts';
import type { Port } from './records.ts';

/** How a lamp takes orders. */
export type LampManner = 'obeys' | 'ignores' | 'late';

/** What is plugged in at the start; the places of phones and laptops change. */
const CHARACTERS: readonly (DeviceKind | undefined)[] = [
  'lamp',
  'sensor',
  'laptop',
  'phone',
  'lamp',
  undefined,
  'sensor',
  'button',
  'lamp',
  'fan',
  undefined,
  'dimmer',
];
const FIRST_LEVEL = 50;
/** Some ports say `device.lamp.level`, as the vendor's example does, others `lamp.level`. */
const NESTED_SHARE = 0.5;

/** A socket and what is plugged into it. */
export class SimulatedPort {
  readonly port: Port;
  readonly index: number;
  readonly nested: boolean;
  readonly #seed: number;
  kind: DeviceKind | undefined;
  level = FIRST_LEVEL;
  manner: LampManner = 'obeys';
  mannerDelayMs = 0;
  readonly outbox = new Outbox<PortMessage>();
  n = 0;
  #newestT = 0;

  constructor(port: Port, index: number, seed: number) {
    this.port = port;
    this.index = index;
    this.#seed = seed;
    this.kind = CHARACTERS[index % CHARACTERS.length];
    this.nested = fraction(seed, index, 11) < NESTED_SHARE;
  }

  /** Whether people carry what is plugged in here in and out of the house. */
  get isMobile(): boolean {
    return this.kind === undefined || this.kind === 'phone' || this.kind === 'laptop';
  }

  /** What it measures now. No two measurements of a port have the same time. */
  measure(now: number, full: boolean): PortMessage {
    this.#newestT = Math.max(now, this.#newestT + 1);
    return this.measureAt(this.#newestT, full);
  }

  measureAt(t: number, full: boolean): PortMessage {
    const n = this.n++;
    const random = fraction(this.#seed, this.index, n);
    const values = valuesOf(this.kind, n, random, this.level);
    const message: PortMessage = { t, power: powerOf(this.kind, random, this.level) };
    const identity = full && this.kind ? identityOf(this.kind) : {};
    if (full) message.connected = this.kind !== undefined;
    return { ...message, ...this.#placed(values, identity) };
  }

  /** The same measurement with one value put right. */
  correctionOf({ t, power }: PortMessage): PortMessage {
    const watt = typeof power === 'object' && typeof power.watt === 'number' ? power.watt : 0;
    return { t, power: { watt: Math.round((watt + 0.11) * 100) / 100 } };
  }

  #placed(values: PortData, identity: PortData): PortData {
    const device = this.nested ? { ...identity, ...values } : identity;
    return { ...(this.nested ? {} : values), ...(Object.keys(device).length > 0 ? { device } : {}) };
  }
}
