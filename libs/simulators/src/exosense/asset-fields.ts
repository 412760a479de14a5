import { seededUuid } from '../kit/seeded.ts';
import type { Asset, Signal } from './asset.ts';
import { PresentedPoint, timeText } from './datapoint.ts';
import {
  constant,
  contains,
  type Execution,
  isAmong,
  limitOf,
  type Paged,
  pageOf,
  resolver,
  rootField,
} from './resolver.ts';
import { RULE_CATEGORY } from './rules.ts';
import type { Resolvers } from './schema-dialect.ts';
import { WATCHED_SIGNAL } from './signals.ts';
import { presentedState } from './status-fields.ts';
import { FieldError, InputRefused, notFound } from './vendor-error.ts';

interface AssetsArgs extends Paged {
  filters?: { text?: string | null } | null;
  ids?: Array<string | null> | null;
  includeTemplates?: boolean | null;
}

interface DataArgs {
  options?: { limit?: number | null; start?: string | null; end?: string | null } | null;
}

const RULE = 33;

export const assetFields: Resolvers = {
  Query: {
    assets: rootField<AssetsArgs>((args, { state, caller, meter }) => {
      const all = args.includeTemplates ? [...state.templates(), ...state.assets()] : state.assets();
      const found = all.filter(
        (asset) =>
          isAmong(args.ids, asset.id) &&
          state.sees(caller, asset.group) &&
          contains(args.filters?.text, asset.name, asset.description),
      );
      const page = pageOf(found, args.pagination);
      meter.assets(page.length);
      return page;
    }),
    asset: rootField<{ id: string }>(({ id }, { state, caller, meter }) => {
      meter.assets(1);
      const found = state.assetFor(caller, id);
      if (!found) throw notFound('Asset');
      return found;
    }),
  },
  Asset: {
    parent: resolver<Asset>((asset) => asset.group),
    location: constant({ mode: 'none', signal: null }),
    transformations: constant([]),
    actions: constant([]),
    signals: resolver<Asset>((asset, _args, { state, meter }) => {
      if (state.broken.has(asset.id)) throw new FieldError('Internal server error');
      meter.signals(asset.signals.length);
      return asset.signals;
    }),
    rulez: resolver<Asset>((asset) => (asset.signals[WATCHED_SIGNAL] ? [asset] : [])),
  },
  Signal: {
    tag: resolver<Signal>((signal) => `signal-${signal.index + 1}`),
    locked: constant(false),
    visualize: constant(true),
    favorite: constant(false),
    root: resolver<Signal>((signal) => signal.channel !== undefined),
    units: resolver<Signal>((signal) => signal.unit ?? null),
    primitive_type: resolver<Signal>((signal) => signal.type.primitive_type),
    precision: resolver<Signal>((signal) => ofSignal(signal, signal.type.primitive_type === 'NUMERIC' ? 2 : null)),
    min: resolver<Signal>((signal) => signal.control?.range?.min ?? null),
    max: resolver<Signal>((signal) => signal.control?.range?.max ?? null),
    signalMin: resolver<Signal>((signal) => ofSignal(signal, signal.control?.range?.min ?? null)),
    signalMax: resolver<Signal>((signal) => ofSignal(signal, signal.control?.range?.max ?? null)),
    sampleRate: resolver<Signal>((signal) => signal.reportRateMs),
    reportRate: resolver<Signal>((signal) => ofSignal(signal, signal.reportRateMs)),
    timeout: resolver<Signal>((signal) => ofSignal(signal, signal.reportRateMs * 6)),
    deviceDiagnostic: constant(false),
    control: resolver<Signal>((signal) => signal.control !== undefined),
    channel: resolver<Signal>((signal) => (signal.channel === undefined ? null : signal)),
    data: resolver<Signal, DataArgs>(dataOf),
  },
  Channel: {
    id: resolver<Signal>((signal) => signal.channel),
    display_name: resolver<Signal>((signal) => signal.name),
    properties: resolver<Signal>(channelProperties),
    data: resolver<Signal, DataArgs>(dataOf),
  },
  Rule: {
    id: resolver<Asset>((asset, _args, { state }) => seededUuid(state.options.seed, RULE, asset.index)),
    name: constant('High temperature'),
    category: constant(RULE_CATEGORY),
    constants: constant(null),
    subscribes: resolver<Asset>((asset) => asset.signals.slice(WATCHED_SIGNAL, WATCHED_SIGNAL + 1)),
    data: resolver<Asset, DataArgs>((asset, { options }, { state }) =>
      (state.rules.categories(asset).find(({ category }) => category === RULE_CATEGORY)?.values ?? [])
        .slice(0, limitOf(options?.limit))
        .map((one) => ({ ...presentedState(one), category: RULE_CATEGORY, type: 'default' })),
    ),
  },
  RuleSubscription: { tag: resolver<Signal>((signal) => `signal-${signal.index + 1}`) },
  AssetStatus: {
    lastHeard: resolver<Asset>(({ lastHeard }) => (lastHeard === undefined ? null : timeText(lastHeard))),
  },
};

const ofSignal = (signal: Signal, value: number | null) => ({ value, channel: signal.channel ?? null, signal: null });

/** The newest so many points. What nobody will get because the request takes too long is not looked up. */
function dataOf(signal: Signal, { options }: DataArgs, { state, meter, served }: Execution): PresentedPoint[] {
  const limit = limitOf(options?.limit);
  if (meter.tooLong) return [];
  const range = { ...bound('from', options?.start), ...bound('to', options?.end) };
  const points = state.newest(signal, limit, range);
  meter.points(signal.asset.id, points.length);
  if (served) for (const { timestamp } of points) served.add(signal.asset.id, timestamp, signal.id);
  return points.map((point) => new PresentedPoint(signal.type.primitive_type, point));
}

function bound(name: 'from' | 'to', text: string | null | undefined): { from?: number; to?: number } {
  if (text === null || text === undefined) return {};
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new InputRefused(`not a time: ${text}`);
  return { [name]: ms };
}

function channelProperties(signal: Signal): Record<string, unknown> {
  return {
    data_type: signal.type.id,
    data_unit: signal.unit?.id ?? null,
    primitive_type: signal.type.primitive_type,
    control: signal.control !== undefined,
    ...(signal.control && Object.keys(signal.control).length > 0 ? { control_properties: signal.control } : {}),
    protocol_config: { report_rate: signal.reportRateMs, timeout: signal.reportRateMs * 6 },
  };
}
