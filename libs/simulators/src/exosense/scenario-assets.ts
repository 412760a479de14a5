import { seededUuid } from '../kit/seeded.ts';
import { TOKENS } from './accounts.ts';
import type { Asset, PhysicalDevice, Product, Signal } from './asset.ts';
import type { Group } from './groups.ts';
import { SIGNAL_TYPES } from './signal-types.ts';
import { signalBlueprints } from './signals.ts';
import type { ExosenseState } from './state.ts';

const GROUP = 1;
const ASSET = 2;
const SIGNAL = 3;
const DEVICE = 4;
const USER = 5;
const TEMPLATE = 6;

const DAY = 86_400_000;
const ODD_ASSET = 1;
const UNCLAIMED_DEVICES = 2;

/** The tree of groups: name and parent. */
const GROUPS: ReadonlyArray<readonly [name: string, parent: string | undefined]> = [
  ['root', undefined],
  ['Customer A', 'root'],
  ['Customer A Child 1', 'Customer A'],
  ['Customer A Child 2', 'Customer A'],
  ['Gebäude & Söhne GmbH', 'root'],
  ['Werk Zürich', 'Gebäude & Söhne GmbH'],
  ['Halle 1', 'Werk Zürich'],
  ['東京工場', 'Gebäude & Söhne GmbH'],
];

/** Groups that own assets, in turn. */
const OWNERS = ['Customer A Child 1', 'Customer A Child 2', 'Halle 1', '東京工場', 'Customer A'];

const PRODUCTS: readonly Product[] = [
  { pid: 'k1pump0000000000', name: 'Pump controller', isSimulator: false },
  { pid: 'k1sim00000000000', name: 'Simulator', isSimulator: true },
];

const PUMP = { id: 'pump', name: 'Pump' };

/** Makes everything that is there before the first point. */
export function seedScenario(state: ExosenseState): void {
  seedGroups(state);
  seedUsers(state);
  state.products.push(...PRODUCTS);
  seedTemplate(state);
  for (let i = 0; i < state.options.devices; i++) seedAsset(state, i);
  const { seed } = state.options;
  for (let i = 0; i < UNCLAIMED_DEVICES; i++) addDevice(state, seededUuid(seed, DEVICE, -1 - i), `unclaimed-${i + 1}`);
}

function seedGroups(state: ExosenseState): void {
  GROUPS.forEach(([name, parent], i) => {
    state.groups.add({
      id: seededUuid(state.options.seed, GROUP, i),
      name,
      parent: parent === undefined ? undefined : groupNamed(state, parent),
      node_type_id: parent === undefined ? 'root' : 'group',
      custom_id: `G-${i}`,
      description: '',
    });
  });
}

export function groupNamed(state: ExosenseState, name: string): Group {
  const found = state.groups.named(name);
  if (!found) throw new RangeError(`no group is called ${name}`);
  return found;
}

function seedUsers(state: ExosenseState): void {
  const root = groupNamed(state, 'root');
  const id = (n: number) => seededUuid(state.options.seed, USER, n);
  const base = { status: 'active', revoked: false } as const;
  const token = (n: number, name: keyof typeof TOKENS) =>
    ({ ...base, id: id(n), email: `${name}@token.invalid`, name, type: 'automation', token: TOKENS[name] }) as const;
  state.accounts.add({ ...token(0, 'admin'), role: 'admin', groups: [root] });
  state.accounts.add({ ...token(1, 'manager'), role: 'asset_manager', groups: [root] });
  state.accounts.add({ ...token(2, 'viewer'), role: 'viewer', groups: [root] });
  state.accounts.add({ ...token(3, 'customerA'), role: 'asset_manager', groups: [groupNamed(state, 'Customer A')] });
  state.accounts.add({
    ...base,
    id: id(4),
    email: 'user@example.com',
    name: 'Zoë Müller',
    type: 'user',
    role: 'admin',
    groups: [root],
  });
}

/** The scenario's asset at a position; its id can be told without a running simulator. */
export const scenarioAssetId = (index: number, seed = 1): string => seededUuid(seed, ASSET, index);

function seedTemplate(state: ExosenseState): void {
  const template = emptyAsset(state, seededUuid(state.options.seed, TEMPLATE, 0), -1, 'Pump template', 'root');
  template.isTemplate = true;
  template.signals = signalsOf(state, template, TEMPLATE).map((signal) => ({ ...signal, channel: undefined }));
  state.addAsset(template);
}

function seedAsset(state: ExosenseState, index: number): Asset {
  const owner = OWNERS[index % OWNERS.length] ?? 'root';
  const name = `${owner} Asset ${index + 1}`;
  const asset = equipped(state, emptyAsset(state, scenarioAssetId(index, state.options.seed), index, name, owner));
  if (index === ODD_ASSET) asset.signals.push(...oddSignals(state, asset));
  asset.template = state.templates()[0];
  return state.addAsset(asset);
}

/** An asset with signals and a device, as those of the scenario. */
export function makeAsset(state: ExosenseState, index: number, name: string): Asset {
  return state.addAsset(equipped(state, emptyAsset(state, state.newId(), index, name, 'Customer A Child 1')));
}

function equipped(state: ExosenseState, asset: Asset): Asset {
  asset.signals = signalsOf(state, asset, SIGNAL);
  const identity = `pump-${String(asset.index + 1).padStart(5, '0')}`;
  asset.device = addDevice(state, seededUuid(state.options.seed, DEVICE, asset.index), identity, asset.group);
  return asset;
}

function emptyAsset(state: ExosenseState, id: string, index: number, name: string, owner: string): Asset {
  return {
    id,
    index,
    name,
    description: `Pumpe <${index + 1}> “Süd”`,
    locked: index % 7 === 3,
    meta: { serial: `EX-${100_000 + index}`, commissioned: index % 2 === 0 },
    group: groupNamed(state, owner),
    assetType: PUMP,
    template: undefined,
    isTemplate: false,
    signals: [],
    device: undefined,
    lastHeard: undefined,
    createdAt: state.clock.now() - 30 * DAY,
  };
}

function signalsOf({ options }: ExosenseState, asset: Asset, kind: number): Signal[] {
  return signalBlueprints(options.signalsPerDevice).map(({ name, type, control }, index) => ({
    id: seededUuid(options.seed, kind, asset.index, index),
    asset,
    index,
    name,
    type: SIGNAL_TYPES[type],
    unit: SIGNAL_TYPES[type].units[0],
    record: true,
    archived: false,
    silent: false,
    control,
    reportRateMs: options.cadenceMs * rateOf(options.rates, index),
    channel: `ch${index + 1}`,
    held: undefined,
  }));
}

/** At every how many turns of its asset a signal reports. */
export const rateOf = (rates: readonly number[], index: number): number => rates[index % rates.length] ?? 1;

/** Signals that a reader may meet and that are not as others. */
function oddSignals(state: ExosenseState, asset: Asset): Signal[] {
  const [model] = asset.signals;
  if (!model) return [];
  return state.options.oddSignals.map((oddness, i) => {
    const index = asset.signals.length + i;
    return {
      ...model,
      id: seededUuid(state.options.seed, SIGNAL, asset.index, index),
      index,
      name: `Odd: ${oddness}`,
      channel: `ch${index + 1}`,
      record: oddness !== 'history-off',
      silent: oddness === 'empty',
    };
  });
}

/** Archiving happens after the history is there. */
export function archiveOddSignals(state: ExosenseState): void {
  for (const asset of state.assets()) {
    for (const signal of asset.signals) if (signal.name === 'Odd: archived') signal.archived = true;
  }
}

function addDevice(state: ExosenseState, id: string, identity: string, group?: Group): PhysicalDevice {
  const device: PhysicalDevice = {
    id,
    identity,
    name: `Device ${identity}`,
    description: '',
    locked: false,
    product: PRODUCTS[0] as Product,
    group,
    tags: [{ name: 'site', value: group?.name ?? '' }],
    asset: undefined,
    connected: group !== undefined,
    obeys: true,
    dataOut: {},
  };
  state.devices.set(id, device);
  return device;
}
