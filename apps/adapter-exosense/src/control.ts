import { InvalidRequestError, type Json } from '@tributary/contracts';
import { z } from 'zod';
import { primitiveTypeOf } from './mapping.ts';
import type { Signal } from './wire.ts';

/** What a control channel allows. */
const bounds = z
  .object({
    control: z.boolean().nullish().catch(undefined),
    control_properties: z
      .object({
        range: z.object({ min: z.number().nullish(), max: z.number().nullish() }).nullish().catch(undefined),
        enum: z
          .union([z.array(z.unknown()), z.record(z.string(), z.unknown())])
          .nullish()
          .catch(undefined),
      })
      .nullish()
      .catch(undefined),
  })
  .catch({});

const propertiesOf = ({ channel }: Signal) => bounds.parse(channel?.properties ?? {});

export const isControl = (signal: Signal): boolean => signal.control === true || propertiesOf(signal).control === true;

/** The signal that an order means, by id or by a name that only one control signal of the asset has. */
export function controlSignalOf(signals: readonly Signal[], named: string): Signal {
  const controls = signals.filter(isControl);
  const found = controls.filter(({ id }) => id === named);
  const byName = found.length > 0 ? found : controls.filter(({ name }) => name === named);
  const [signal, another] = byName;
  if (signal && !another) return signal;
  if (another) throw new InvalidRequestError('several control signals of this asset have this name: give the id');
  const known = controls.map(({ id, name }) => name ?? id).join(', ') || 'none';
  throw new InvalidRequestError(`this asset has no such control signal; it has ${known}`);
}

/** The value as the platform takes it: text. Throws `InvalidRequestError` for one that the signal does not allow. */
export function controlText(signal: Signal, value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  checkType(primitiveTypeOf(signal), value);
  const { control_properties: allowed } = propertiesOf(signal);
  if (typeof value === 'number') checkRange(value, allowed?.range ?? {});
  if (allowed?.enum) checkChoice(text, allowed.enum);
  return text;
}

function checkType(type: string | undefined, value: Json): void {
  if (type === 'NUMERIC' && typeof value !== 'number') throw new InvalidRequestError('value: expected a number');
  if (type === 'BOOLEAN' && typeof value !== 'boolean') throw new InvalidRequestError('value: expected true or false');
  if (type === 'STRING' && typeof value !== 'string') throw new InvalidRequestError('value: expected text');
}

function checkRange(
  value: number,
  { min, max }: { min?: number | null | undefined; max?: number | null | undefined },
): void {
  if (typeof min === 'number' && value < min) throw new InvalidRequestError(`value: must be at least ${min}`);
  if (typeof max === 'number' && value > max) throw new InvalidRequestError(`value: must be at most ${max}`);
}

function checkChoice(text: string, allowed: unknown[] | Record<string, unknown>): void {
  const choices = (Array.isArray(allowed) ? allowed : Object.values(allowed)).map((one) =>
    typeof one === 'string' ? one : JSON.stringify(one),
  );
  if (!choices.includes(text)) throw new InvalidRequestError(`value: must be one of ${choices.join(', ')}`);
}
