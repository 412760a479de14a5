import type { Adapter, Call, DeviceSnapshot, NativeId, SpaceRef } from '@tributary/adapter-kit';
import type { AssetWithSignals, Instance } from '../instance.ts';
import { deviceSnapshot, spaceOf } from '../mapping.ts';
import { overlappingPages } from '../pages.ts';
import type { Asset, Group } from '../wire.ts';

export interface DevicesOptions {
  instance: Instance;
  pageSize: number;
  rootGroup: string | undefined;
  /** Native ids of the last discovery. */
  known(): readonly NativeId[];
}

const GROUPS_PER_PAGE = 100;
const IDS_PER_REQUEST = 50;
/** A group cannot be nested deeper than this; what is, or goes in circles, is cut. */
const DEEPEST = 50;

/** The tree of groups, by id; empty where the instance does not show it. */
export type Groups = ReadonlyMap<string, Group>;

export async function readGroups(instance: Instance, call: Call): Promise<Groups> {
  const offered = await instance.offered(call);
  const groups = new Map<string, Group>();
  if (!offered.has('groups')) return groups;
  const pages = overlappingPages(
    GROUPS_PER_PAGE,
    (page) => instance.groups(page, call),
    (group) => group.id,
  );
  for await (const page of pages) for (const group of page) groups.set(group.id, group);
  return groups;
}

/** Where an asset is, outermost first. */
export function spacesOf({ parent }: Pick<Asset, 'parent'>, groups: Groups): SpaceRef[] {
  if (!parent) return [];
  const path = [spaceOf(groups.get(parent.id) ?? parent)];
  let above = groups.get(parent.id)?.parent_id;
  while (above && path.length < DEEPEST && path.every(({ nativeId }) => nativeId !== above)) {
    const group = groups.get(above);
    if (group) path.unshift(spaceOf(group));
    above = group?.parent_id;
  }
  return path;
}

/** Every asset of the connection, page by page, each once. */
export async function* sweepAssets(
  { instance, pageSize, rootGroup }: DevicesOptions,
  groups: Groups,
  call: Call,
): AsyncGenerator<AssetWithSignals[], void, undefined> {
  const pages = overlappingPages(
    pageSize,
    (page) => instance.assets(page, call),
    ({ asset }) => asset.id,
  );
  for await (const page of pages) yield page.filter(({ asset }) => isWithin(asset, groups, rootGroup));
}

const isWithin = (asset: Asset, groups: Groups, rootGroup: string | undefined): boolean =>
  rootGroup === undefined || spacesOf(asset, groups).some(({ nativeId }) => nativeId === rootGroup);

export function devicesCapability(options: DevicesOptions): NonNullable<Adapter['devices']> {
  return {
    async *discover(signal) {
      const call: Call = { lane: 'reconcile', signal };
      const groups = await readGroups(options.instance, call);
      const snapshot = ({ asset, signals }: AssetWithSignals): DeviceSnapshot =>
        deviceSnapshot(asset, signals, spacesOf(asset, groups));
      const seen = new Set<NativeId>();
      for await (const page of sweepAssets(options, groups, call)) {
        for (const { asset } of page) seen.add(asset.id);
        yield { items: page.map(snapshot) };
      }
      // A listing by offsets is no snapshot: what is missing from it once may only have moved.
      for await (const page of missed(options, groups, seen, call)) yield { items: page.map(snapshot) };
    },
  };
}

/** Of those that were known and not seen: what a second pass finds, and what can still be asked for by its id. */
async function* missed(options: DevicesOptions, groups: Groups, seen: Set<NativeId>, call: Call) {
  const isMissing = (id: NativeId) => !seen.has(id);
  if (!options.known().some(isMissing)) return;
  for await (const page of sweepAssets(options, groups, call)) {
    const late = page.filter(({ asset }) => isMissing(asset.id));
    for (const { asset } of late) seen.add(asset.id);
    yield late;
  }
  const missing = options.known().filter(isMissing);
  for (let n = 0; n < missing.length; n += IDS_PER_REQUEST) {
    const found = await options.instance.assetsById(missing.slice(n, n + IDS_PER_REQUEST), call);
    yield found.filter(({ asset }) => isWithin(asset, groups, options.rootGroup));
  }
}
