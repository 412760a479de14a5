import type {
  Adapter,
  Call,
  Checkpoint,
  Command,
  CommandReceipt,
  ConnectionKit,
  NativeId,
} from '@tributary/adapter-kit';
import { type CommandDescription, InvalidRequestError, type Json } from '@tributary/contracts';
import { z } from 'zod';
import { controlSignalOf, controlText } from '../control.ts';
import type { Instance } from '../instance.ts';
import { distinct, primitiveTypeOf, timedValue } from '../mapping.ts';
import type { Reading } from '../signal-track.ts';
import type { SignalData } from '../wire.ts';

const setSignal = z.strictObject({
  signal: z.string().min(1).max(256).describe('A control signal of the asset, by its id or its name.'),
  value: z
    .union([z.number(), z.boolean(), z.string().max(10_000), z.record(z.string(), z.json())])
    .describe('What the device is to set it to, of the type of the signal and within what it allows.'),
});

const description: CommandDescription = {
  name: 'set-signal',
  description:
    'Orders the device behind a control signal to hold a value. Accepted by the platform is not done: it is done when the signal next reports the value.',
  params: z.toJSONSchema(setSignal, { io: 'input' }) as CommandDescription['params'],
  idempotent: false,
  evidence: ['acknowledged', 'confirmed'],
};

/** Values of the signal that are looked at for the one that was ordered. */
const LOOKED_AT = 20;

export interface CommandsOptions {
  instance: Instance;
  kit: Pick<ConnectionKit, 'items'>;
}

export class Commands implements NonNullable<Adapter['commands']> {
  constructor(private readonly options: CommandsOptions) {}

  /** Nothing for an instance whose schema is known to have no order; which signals take one, `execute` finds out. */
  describe(): CommandDescription[] {
    const { known } = this.options.instance;
    return known && !known.has('controlSignal') ? [] : [description];
  }

  async execute(command: Command, signal: AbortSignal): Promise<CommandReceipt> {
    const { signal: named, value } = readParams(command);
    const { instance } = this.options;
    // What is only read takes its turn with those who read: the share of orders is left to the order itself.
    const reading: Call = { lane: 'interactive', signal };
    const offered = await instance.offered(reading);
    if (!offered.has('controlSignal')) throw new InvalidRequestError('this instance takes no orders for signals');
    const signals = await instance.controls(command.device, LOOKED_AT, reading);
    const target = controlSignalOf(signals, named);
    const text = controlText(target, value as Json);
    const before = this.#readingsOf(signals, target.id);
    await instance.change('controlSignal', { signal_id: target.id, value: text }, { lane: 'command', signal });
    return {
      state: 'acknowledged',
      evidence: {
        kind: 'platform-answer',
        detail: 'ExoSense has accepted the value for the device',
        data: { signal: target.id, value: value as Json },
      },
      reference: { signal: target.id, text, afterMs: before.at(-1)?.tsMs ?? 0 },
    };
  }

  /** Done when the signal reports the value, later than what it had reported before the order. */
  async follow(command: Command, reference: Checkpoint, signal: AbortSignal): Promise<CommandReceipt | undefined> {
    const { signal: id, text, afterMs } = reference;
    if (typeof id !== 'string' || typeof text !== 'string' || typeof afterMs !== 'number') return undefined;
    const signals = await this.options.instance.controls(command.device, LOOKED_AT, { lane: 'live', signal });
    const readings = this.#readingsOf(signals, id);
    const found = readings.find(({ tsMs, value }) => tsMs > afterMs && sameValue(value, text));
    return (
      found && {
        state: 'confirmed',
        evidence: {
          kind: 'read-back',
          detail: 'the signal has reported the value since it was ordered',
          data: { signal: id, ts: new Date(found.tsMs).toISOString(), value: found.value },
        },
      }
    );
  }

  /** The newest values of one signal, oldest first. */
  #readingsOf(signals: readonly SignalData[], id: NativeId): Reading[] {
    const signal = signals.find((one) => one.id === id);
    if (!signal) return [];
    const values = this.options.kit.items(timedValue(primitiveTypeOf(signal)), signal.data ?? [], 'value');
    return distinct(values).toSorted((a, b) => a.tsMs - b.tsMs);
  }
}

const sameValue = (value: Reading['value'], text: string): boolean =>
  (typeof value === 'string' ? value : JSON.stringify(value)) === text ||
  (typeof value === 'number' && value === Number(text));

function readParams({ name, params }: Command): z.output<typeof setSignal> {
  if (name !== description.name) throw new InvalidRequestError('ExoSense knows one command: set-signal');
  const read = setSignal.safeParse(params);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'params'}: ${message}`);
  throw new InvalidRequestError(`set-signal: ${problems.join('; ')}`);
}
