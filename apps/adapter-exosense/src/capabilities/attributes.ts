import type { Adapter, AttributeReport, Call, NativeId, Observation, Page, Poll } from '@tributary/adapter-kit';
import { assetAttributes, statusAttributes } from '../mapping.ts';
import { type DevicesOptions, readGroups, sweepAssets } from './devices.ts';

/** Fields of an asset, the facts of its signals, and its state. */
export function attributesCapability({ instance }: DevicesOptions): NonNullable<Adapter['attributes']> {
  return {
    read: async (device, signal) => {
      const call: Call = { lane: 'interactive', signal };
      const { asset, signals } = await instance.asset(device, call);
      const offered = await instance.offered(call);
      const statuses = offered.has('assetStatuses') ? await instance.statuses([device], call) : [];
      return [...assetAttributes(asset, signals), ...statuses.flatMap(statusAttributes)];
    },
  };
}

/** Says what assets are, now and then, and which of their fields are empty again. */
export class AttributePoll implements Poll {
  readonly schedule = 'attributes';
  /** Names of attributes that were said, by asset. */
  readonly #said = new Map<NativeId, Set<string>>();

  constructor(private readonly options: DevicesOptions) {}

  async *run(_from: unknown, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const call: Call = { lane: 'reconcile', signal };
    const { rootGroup, instance } = this.options;
    const groups = rootGroup === undefined ? new Map() : await readGroups(instance, call);
    for await (const page of sweepAssets(this.options, groups, call)) {
      yield {
        items: page.map(({ asset, signals }): Observation => {
          return {
            type: 'attributes',
            device: asset.id,
            attributes: this.#report(asset.id, assetAttributes(asset, signals)),
          };
        }),
      };
    }
  }

  #report(device: NativeId, now: AttributeReport[]): AttributeReport[] {
    const names = new Set(now.map(({ name }) => name));
    const gone = [...(this.#said.get(device) ?? [])].filter((name) => !names.has(name));
    this.#said.set(device, names);
    return [...now, ...gone.map((name): AttributeReport => ({ scope: 'server', name }))];
  }
}
