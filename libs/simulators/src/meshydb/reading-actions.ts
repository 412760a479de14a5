import { z } from 'zod';
import { action } from '../kit/actions.ts';
import { burstInput, misbehaveInput, onlineInput } from '../kit/production-inputs.ts';
import type { TrueValue } from '../kit/series-log.ts';
import { type ReadingDevice, readingDocument } from './readings.ts';
import type { ActionParts } from './scenario-actions.ts';

/** Id, name, or position in the scenario. */
const device = z.union([z.string(), z.number().int().min(0)]);

const snapshot = z.strictObject({ ts: z.number().int().optional(), values: z.record(z.string(), z.json()) });

/** What can be made to happen to the devices whose readings are documents. */
export function readingActions({ state, scenario }: ActionParts) {
  const { production } = scenario;
  const find = (ref: string | number) => findDevice(production.subjects(), ref);
  return {
    devices: action('lists the devices that write readings, with their signals', z.strictObject({}), () =>
      production.subjects().map((one) => ({
        id: one.id,
        name: one.name,
        online: production.isOnline(one),
        signals: state.mapping.values.map(({ field, signal, unit }) => ({
          id: signal ?? field,
          field,
          unit: unit ?? null,
        })),
      })),
    ),
    'set-online': action(
      'connects or disconnects a device; what it measured meanwhile comes late, unless it forgets',
      onlineInput(device),
      (input) => production.setOnline(find(input.device), input.online, input.forgets),
    ),
    'add-device': action(
      'adds a device that writes readings',
      z.strictObject({ name: z.string().min(1) }),
      ({ name }) => ({ id: scenario.addDevice(name).id }),
    ),
    'remove-device': action(
      'a device writes no more, and its documents are removed unless they shall stay',
      z.strictObject({ device, documents: z.enum(['remove', 'keep']).default('remove') }),
      (input) => {
        const found = find(input.device);
        production.remove(found);
        const { mesh, deviceField } = state.mapping;
        if (input.documents === 'remove')
          state.demo.mesh(mesh).removeWhere((document) => document[deviceField] === found.id);
      },
    ),
    burst: action(
      'writes so many readings of a device at once, stepMs apart, the last one now',
      burstInput(device, 100_000),
      (input) => production.burst(find(input.device), input.count, input.stepMs),
    ),
    misbehave: action(
      'makes a device write a reading late, two in the wrong order, its last one again, or a correction of it',
      misbehaveInput(device),
      (input) => production.misbehave(find(input.device), input.way, input.lateMs),
    ),
    produce: action(
      'writes a document for each time, with values by signal; what is not named is not in it',
      z.strictObject({ device, telemetry: z.union([snapshot, z.array(snapshot)]) }),
      (input) => {
        const found = find(input.device);
        for (const { ts = state.clock.now(), values } of [input.telemetry].flat())
          state.insert(state.demo, state.mapping.mesh, document(found, ts, values as Record<string, TrueValue>));
      },
    ),
  };

  function document(found: ReadingDevice, ts: number, values: Record<string, TrueValue>) {
    const fields = state.mapping.values.filter(({ field, signal }) => Object.hasOwn(values, signal ?? field));
    if (fields.length !== Object.keys(values).length) throw new RangeError('no such signal');
    const chosen = { ts, values: fields.map(({ field, signal }) => values[signal ?? field] ?? null) };
    return readingDocument(found, chosen, { ...state.mapping, values: fields }, state.clock.now());
  }
}

/** Throws RangeError. */
function findDevice(devices: readonly ReadingDevice[], ref: string | number): ReadingDevice {
  const found = devices.find((one) => one.index === ref || one.id === ref || one.name === ref);
  if (!found) throw new RangeError(`no device is known as ${ref}`);
  return found;
}
