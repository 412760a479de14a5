import { Inject, Injectable } from '@nestjs/common';
import { type CommandDescription, isPlatformError } from '@tributary/contracts';
import type { DeviceAddress } from '../devices/device-store.ts';
import { PlatformGateway } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { ProblemError } from '../http/problem-error.ts';

/** Asked again after so long; an older answer still serves while the adapter is away. */
const FRESH_MS = 30_000;
const MAX_DEVICES = 5_000;

interface Page {
  commands: CommandDescription[];
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

  async of(device: DeviceAddress, asking: { traceId: string; signal: AbortSignal }): Promise<CommandDescription[]> {
    const known = this.#pages.get(device.id);
    const now = this.#house.clock.monotonicMs();
    if (known && now - known.readMs < FRESH_MS) return known.commands;
    try {
      const payload = { connectionId: device.connectionId, nativeId: device.nativeId };
      const { commands } = await this.#gateway.ask(device, 'commands.describe', payload, asking);
      if (this.#pages.size >= MAX_DEVICES) this.#pages.clear();
      this.#pages.set(device.id, { commands, readMs: now });
      return commands;
    } catch (error) {
      if (known && isAway(error)) return known.commands;
      throw error;
    }
  }
}

/** The adapter says nothing, which is no reason to refuse an order that the queue will keep for it. */
const isAway = (error: unknown): boolean =>
  (isPlatformError(error) && (error.code === 'unavailable' || error.code === 'timeout')) ||
  (error instanceof ProblemError && error.code === 'circuit-open');
