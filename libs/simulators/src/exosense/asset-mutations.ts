import type { TrueValue } from '../kit/series-log.ts';
import type { Asset, Signal } from './asset.ts';
import { PresentedPoint } from './datapoint.ts';
import type { Group } from './groups.ts';
import { type Execution, rootField } from './resolver.ts';
import type { Resolvers } from './schema-dialect.ts';
import type { SignalTypeId } from './signal-types.ts';
import { fitsType } from './signals.ts';
import { FieldError, InputRefused, notFound } from './vendor-error.ts';

interface Draft {
  name?: string | null;
  description?: string | null;
  group_id?: string | null;
  meta?: { [key: string]: TrueValue } | null;
}

export const assetMutations: Resolvers = {
  Mutation: {
    deleteAsset: rootField<{ id: string }>(({ id }, execution) => {
      const found = assetToChange(id, execution);
      execution.state.removeAsset(found);
      return found;
    }),
    createAsset: rootField<{ asset: Draft & { template_id?: string | null } }>(create),
    updateAsset: rootField<{ id: string; asset: Draft & { locked?: boolean | null } }>(
      ({ id, asset: patch }, execution) => {
        const found = assetToChange(id, execution);
        const group = patch.group_id ? groupFor(patch.group_id, execution) : found.group;
        if (typeof patch.name === 'string') found.name = nameOf(patch.name);
        if (patch.description !== undefined) found.description = patch.description ?? '';
        if (patch.meta !== undefined) found.meta = patch.meta ?? {};
        if (typeof patch.locked === 'boolean') found.locked = patch.locked;
        found.group = group;
        return found;
      },
    ),
    controlSignal: rootField<{ signal_id: string; value: string }>(control),
  },
};

function assetToChange(id: string, { state, caller, meter }: Execution): Asset {
  meter.assets(1);
  const found = state.assetFor(caller, id);
  if (!found) throw notFound('Asset');
  return found;
}

function groupFor(id: string, { state, caller }: Execution): Group {
  const group = state.groups.get(id);
  if (!group || !state.sees(caller, group)) throw notFound('Group');
  return group;
}

function nameOf(text: string): string {
  if (text.trim() === '') throw new InputRefused('name must not be empty');
  return text;
}

function create({ asset: draft }: { asset: Draft & { template_id?: string | null } }, execution: Execution): Asset {
  const { state, caller, meter } = execution;
  meter.assets(1);
  const template = draft.template_id ? state.asset(draft.template_id) : undefined;
  if (draft.template_id && !template?.isTemplate) throw notFound('Template');
  const group = draft.group_id ? groupFor(draft.group_id, execution) : caller.groups[0];
  if (!group) throw notFound('Group');
  const asset: Asset = {
    id: state.newId(),
    index: -1,
    name: nameOf(draft.name ?? ''),
    description: draft.description ?? '',
    locked: false,
    meta: draft.meta ?? {},
    group,
    assetType: template?.assetType ?? { id: 'generic', name: 'Generic' },
    template,
    isTemplate: false,
    signals: [],
    device: undefined,
    lastHeard: undefined,
    createdAt: state.clock.now(),
  };
  asset.signals = (template?.signals ?? []).map((signal) => ({
    ...signal,
    id: state.newId(),
    asset,
    channel: undefined,
  }));
  return state.addAsset(asset);
}

/** The platform writes the order down for the device; what the device makes of it is seen in what it reports. */
function control({ signal_id, value }: { signal_id: string; value: string }, { state, caller }: Execution) {
  const signal = state.signalFor(caller, signal_id);
  if (!signal) throw notFound('Signal');
  if (!signal.control || signal.channel === undefined) throw new FieldError('Signal is not a control signal');
  if (!state.options.controlEnabled) throw new FieldError('Device control is disabled');
  const { device } = signal.asset;
  if (!device) throw new FieldError('Asset has no device');
  const ordered = readValue(signal, value);
  device.dataOut[signal.channel] = ordered;
  state.orders.push({ signal: signal.id, value: ordered });
  const now = state.clock.now();
  return new PresentedPoint(
    signal.type.primitive_type,
    { timestamp: now, value: ordered, receivedTime: now },
    'data_out',
  );
}

function readValue(signal: Signal, text: string): TrueValue {
  const value = parsed(signal, text);
  if (value === undefined || !fitsType(signal.type.id as SignalTypeId, value))
    throw new FieldError(`Value does not fit ${signal.type.primitive_type}`);
  const { range, enum: allowed } = signal.control ?? {};
  if (range && typeof value === 'number' && (value < range.min || value > range.max))
    throw new FieldError('Value is out of range');
  if (allowed && !allowed.includes(value)) throw new FieldError('Value is not allowed');
  return value;
}

function parsed(signal: Signal, text: string): TrueValue | undefined {
  switch (signal.type.primitive_type) {
    case 'STRING':
      return text;
    case 'BOOLEAN':
      return { true: true, '1': true, false: false, '0': false }[text];
    case 'NUMERIC':
      return text.trim() === '' ? undefined : Number(text);
    case 'JSON':
      try {
        return JSON.parse(text) as TrueValue;
      } catch {
        return undefined;
      }
  }
}
