import { Inject, Injectable } from '@nestjs/common';
import type { CommandDescription } from '@tributary/contracts';
import type { Asking } from '../connections/connections.service.ts';
import type { DeviceAddress } from '../devices/device-store.ts';
import type { Known } from '../gateway/known-answers/known-answer.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';

/** Asked again after so long. */
const FRESH_MS = 30_000;
const MAX_DEVICES = 5_000;

interface Page {
  commands: CommandDescription[];
  version: number;
  readMs: number;
}

/** What each device understands, as its adapter last said. */
@Injectable()
export class DescriptionBook {
  readonly #gateway: PlatformGateway;
  readonly #house: House;
  readonly #pages = new Map<string, Page>();

  constructor(@Inject(HOUSE) house: House, @Inject(PlatformGateway) gateway: PlatformGateway) {
    this.#house = house;
    this.#gateway = gateway;
  }

  /** Of now or, while the adapter is away, the last ones: that is no reason to refuse an order that the queue will keep. */
  async of(device: DeviceAddress, asking: Asking): Promise<Known<CommandDescription[]>> {
    const page = this.#pages.get(device.id);
    const now = this.#house.clock.monotonicMs();
    const refused = asking.staleness?.upToMs === 0;
    if (page && !refused && page.version === device.version && now - page.readMs < FRESH_MS) {
      return { reply: page.commands, observedAtMs: this.#house.clock.now() - (now - page.readMs) };
    }
    const payload = { connectionId: device.connectionId, nativeId: device.nativeId };
    const { reply, ...known } = await this.#gateway.askKnowing(device, 'commands.describe', payload, asking);
    if (!known.stale) this.#note(device, reply.commands, now);
    return { ...known, reply: reply.commands };
  }

  #note({ id, version }: DeviceAddress, commands: CommandDescription[], readMs: number): void {
    if (this.#pages.size >= MAX_DEVICES) this.#pages.clear();
    this.#pages.set(id, { commands, version, readMs });
  }
}
