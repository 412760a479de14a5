import { Inject, Injectable } from '@nestjs/common';
import { type CapabilityName, type PlatformResource, UnsupportedError } from '@tributary/contracts';
import { HOUSE, type House } from '../house.ts';
import { atPlatform } from '../http/problem-document.ts';

/** Adapters announce themselves when they start; what was read is believed for so long. */
const CACHE_MS = 5_000;

/** What platforms there are and what they can do, as their adapters say. */
@Injectable()
export class PlatformCatalogue {
  readonly #house: House;
  #read: { platforms: PlatformResource[]; untilMs: number } | undefined;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  /** Ordered by id. */
  async list(): Promise<PlatformResource[]> {
    const now = this.#house.clock.monotonicMs();
    if (this.#read && this.#read.untilMs > now) return this.#read.platforms;
    const { rows } = await this.#house.db.pool.query<{ resource: PlatformResource }>(
      'select resource from platform order by id',
    );
    const platforms = rows.map((row) => row.resource);
    this.#read = { platforms, untilMs: now + CACHE_MS };
    return platforms;
  }

  async get(platform: string): Promise<PlatformResource | undefined> {
    return (await this.list()).find((known) => known.id === platform);
  }

  /** Throws `capability-unsupported` where the platform does not offer it; a platform that never announced itself may. */
  async demand(target: { platform: string; connectionId: string }, capability: CapabilityName): Promise<void> {
    const platform = await this.get(target.platform);
    if (!platform || platform.capabilities.includes(capability)) return;
    throw atPlatform(
      new UnsupportedError(
        `${platform.displayName} does not offer ${capability}; see GET /v1/platforms/${platform.id}`,
      ),
      target,
    );
  }
}
