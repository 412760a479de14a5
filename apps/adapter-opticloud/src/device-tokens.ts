import { type Call, type Clock, type Limitations, type NativeId, Secret } from '@tributary/adapter-kit';
import { isPlatformError } from '@tributary/contracts';
import type { OpticloudClient } from './client.ts';

const GOOD_FOR_MS = 10 * 60_000;
const MAX_TOKENS = 10_000;
const LIMITATION =
  'device credentials: the user lacks the permission to view them, so files show without their state on the device, and nothing can be written or asked as a device';

/** Access tokens of devices, read behind their permission and kept in memory for ten minutes. */
export class DeviceTokens {
  readonly #known = new Map<NativeId, { token: Secret; untilMs: number }>();

  constructor(
    private readonly client: OpticloudClient,
    private readonly clock: Clock,
    private readonly limitations: Limitations,
  ) {}

  /** Throws `PermissionDeniedError` where the user may not see it. */
  async of(device: NativeId, call: Call): Promise<Secret> {
    const known = this.#known.get(device);
    if (known && known.untilMs > this.clock.now()) return known.token;
    const token = new Secret(await this.#read(device, call));
    if (this.#known.size >= MAX_TOKENS) this.#known.clear();
    this.#known.set(device, { token, untilMs: this.clock.now() + GOOD_FOR_MS });
    return token;
  }

  /** To be called when a token was refused: it may have been changed. */
  drop(device: NativeId): void {
    this.#known.delete(device);
  }

  async #read(device: NativeId, call: Call): Promise<string> {
    try {
      const token = await this.client.deviceToken(device, call);
      this.limitations.lift('device credentials');
      return token;
    } catch (error) {
      if (isPlatformError(error) && error.code === 'permission-denied') {
        this.limitations.note('device credentials', LIMITATION);
      }
      throw error;
    }
  }
}
