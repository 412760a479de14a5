import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { deviceId } from '@tributary/contracts';
import { POINTS_PER_ORDER } from '../plan/plan.ts';
import type { Progress } from '../progress.ts';
import type { Order, StagedPlatform } from '../world/platforms.ts';
import type { World } from '../world/world.ts';

/** An order that was given, and what the api said. */
export interface GivenOrder {
  platform: StagedPlatform;
  order: Order;
  /** Absent where the api never answered: whether it took the order is not known then. */
  commandId?: string;
}

const EXPIRES_MS = 45_000;
const EVERY_MS = 100;

/** Gives orders while the platforms produce: one each time so many points more are there, whatever is broken. */
export class OrderLoad {
  readonly given: GivenOrder[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async run(progress: Progress, signal: AbortSignal): Promise<void> {
    const able = this.#world.platforms.filter(({ orders }) => orders);
    const answers: Promise<void>[] = [];
    while (!signal.aborted) {
      while (progress.ordered < Math.floor(progress.produced / POINTS_PER_ORDER)) {
        progress.ordered += 1;
        const platform = this.#turnOf(able);
        const order = platform?.orders?.make(this.given.filter((one) => one.platform === platform).length);
        if (platform && order) answers.push(this.#give(platform, order));
      }
      await delay(EVERY_MS);
    }
    await Promise.all(answers);
  }

  /** Whoever has least of what is its share. */
  #turnOf(able: readonly StagedPlatform[]): StagedPlatform | undefined {
    const had = (platform: StagedPlatform) => this.given.filter((one) => one.platform === platform).length;
    const filled = (platform: StagedPlatform) => (had(platform) + 1) / (platform.orders?.share ?? 1);
    return able.toSorted((a, b) => filled(a) - filled(b))[0];
  }

  async #give(platform: StagedPlatform, order: Order): Promise<void> {
    const given: GivenOrder = { platform, order };
    this.given.push(given);
    const [connection] = this.#world.connectionsTo(platform.platform);
    if (!connection) return;
    const body = { name: order.name, params: order.params, expiresAt: new Date(Date.now() + EXPIRES_MS).toISOString() };
    const path = { deviceId: deviceId(connection.id, order.nativeId) };
    const idempotencyKey = randomUUID();
    for (let attempt = 0; attempt < 60; attempt += 1) {
      try {
        given.commandId = (
          await this.#world.api('default').post('/v1/devices/{deviceId}/commands', { path, body, idempotencyKey })
        ).id;
        return;
      } catch (error) {
        if ((error as { retryable?: boolean }).retryable === false) return;
        await delay(1_000);
      }
    }
  }
}
