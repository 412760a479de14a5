import {
  type BackingServices,
  FaultProxy,
  type OwnRabbitmq,
  type OwnService,
  ownPostgres,
  ownRabbitmq,
  ownRedis,
} from '@tributary/testing/harness';
import { BACKINGS, type Backing, GROUPS, type Group } from '../plan/faults.ts';

/** Backing services that belong to nobody else, and a wire with a fault proxy from each group of services to each. */
export class Backings {
  readonly postgres: OwnService;
  readonly rabbitmq: OwnRabbitmq;
  readonly redis: OwnService;
  readonly #wires: ReadonlyMap<string, FaultProxy>;

  private constructor(
    services: { postgres: OwnService; rabbitmq: OwnRabbitmq; redis: OwnService },
    wires: Map<string, FaultProxy>,
  ) {
    this.postgres = services.postgres;
    this.rabbitmq = services.rabbitmq;
    this.redis = services.redis;
    this.#wires = wires;
  }

  /** Throws when one of them does not come up; then none stays. */
  static async start(): Promise<Backings> {
    const made = await Promise.allSettled([ownPostgres(), ownRabbitmq(), ownRedis()]);
    const [postgres, rabbitmq, redis] = made;
    if (postgres.status === 'rejected' || rabbitmq.status === 'rejected' || redis.status === 'rejected') {
      await Promise.all(made.map((one) => one.status === 'fulfilled' && one.value.remove()));
      throw made.find((one) => one.status === 'rejected')?.reason;
    }
    const services = { postgres: postgres.value, rabbitmq: rabbitmq.value, redis: redis.value };
    const wires = new Map<string, FaultProxy>();
    for (const group of GROUPS) {
      for (const backing of BACKINGS) {
        const target = { host: '127.0.0.1', port: services[backing].port };
        wires.set(`${group} ${backing}`, await FaultProxy.start(target));
      }
    }
    return new Backings(services, wires);
  }

  wire(group: Group, backing: Backing): FaultProxy {
    const wire = this.#wires.get(`${group} ${backing}`);
    if (!wire) throw new RangeError(`there is no wire from ${group} to ${backing}`);
    return wire;
  }

  /** Past the proxies, for whoever looks on. */
  get direct(): BackingServices {
    return { databaseUrl: this.postgres.url, rabbitmqUrl: this.rabbitmq.url, redisUrl: this.redis.url };
  }

  /** As a group of services reaches them. */
  through(group: Group): Record<string, string> {
    return {
      DATABASE_URL: this.wire(group, 'postgres').through(this.postgres.url),
      RABBITMQ_URL: this.wire(group, 'rabbitmq').through(this.rabbitmq.url),
      REDIS_URL: this.wire(group, 'redis').through(this.redis.url),
    };
  }

  healWires(): void {
    for (const wire of this.#wires.values()) wire.heal();
  }

  async remove(): Promise<void> {
    for (const wire of this.#wires.values()) await wire.stop();
    await Promise.all([this.postgres, this.rabbitmq, this.redis].map((service) => service.remove()));
  }
}
