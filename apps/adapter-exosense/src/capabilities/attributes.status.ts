import type { Call, ConnectionKit, Observation, Page, Poll, Presence } from '@tributary/adapter-kit';
import type { Instance } from '../instance.ts';
import { lastHeardOf, statusAttributes } from '../mapping.ts';
import type { AssetStatus } from '../wire.ts';

const IDS_PER_REQUEST = 50;

/** States of assets as attributes; and whether they are heard of, as platform events when that changes. */
export class StatusPoll implements Poll {
  readonly schedule = 'statuses';

  constructor(
    private readonly instance: Instance,
    private readonly kit: Pick<ConnectionKit, 'devices' | 'clock'>,
    private readonly presence: Presence,
  ) {}

  async *run(_from: unknown, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const call: Call = { lane: 'reconcile', signal };
    const devices = this.kit.devices();
    if (devices.length === 0 || !(await this.instance.offered(call)).has('assetStatuses')) return;
    for (let n = 0; n < devices.length; n += IDS_PER_REQUEST) {
      const statuses = await this.instance.statuses(devices.slice(n, n + IDS_PER_REQUEST), call);
      yield { items: statuses.flatMap((status) => this.#observe(status)) };
    }
  }

  #observe(status: AssetStatus): Observation[] {
    const heardMs = lastHeardOf(status);
    if (heardMs !== undefined) this.presence.heard(status.id, heardMs);
    const changes = [...this.presence.changes(status.id, this.kit.clock.now())];
    return [
      { type: 'attributes', device: status.id, attributes: statusAttributes(status) },
      ...changes.map((event): Observation => ({ type: 'platform-event', event })),
    ];
  }
}
