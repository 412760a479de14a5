import type { Progress } from '../progress.ts';
import type { World } from '../world/world.ts';
import { Listener } from './listener.ts';
import { OrderLoad } from './orders.ts';
import { Receiver } from './receiver.ts';
import { RecordLoad } from './records.ts';
import { Sampler } from './sampler.ts';

export const SUBSCRIBED_AREAS = ['command', 'connection', 'entity', 'device'] as const;

/** Everybody who uses the house while it is hurt: who orders, writes, listens, is sent to, and looks on. */
export class Company {
  readonly orders: OrderLoad;
  readonly records: RecordLoad;
  readonly listener: Listener;
  readonly receiver: Receiver;
  readonly sampler: Sampler;
  #stop = new AbortController();
  #work: Promise<unknown> = Promise.resolve();

  private constructor(world: World, receiver: Receiver) {
    this.orders = new OrderLoad(world);
    this.records = new RecordLoad(world);
    this.sampler = new Sampler(world);
    this.receiver = receiver;
    this.listener = new Listener(world.api('default'), new Date(0).toISOString());
  }

  static async gather(world: World): Promise<Company> {
    const receiver = await Receiver.start();
    const body = {
      url: receiver.url,
      since: new Date(0).toISOString(),
      events: { types: [...SUBSCRIBED_AREAS] },
      batch: { maxEvents: 50, maxWaitMs: 200 },
    };
    await world.api('default').post('/v1/subscriptions', { body });
    return new Company(world, receiver);
  }

  /** They work until `rest`. */
  work(progress: Progress): void {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    this.#work = Promise.all([
      this.orders.run(progress, signal),
      this.records.run(progress, signal),
      this.sampler.run(signal),
    ]);
  }

  /** Resolves when every answer that will come has come. */
  async rest(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  async leave(): Promise<void> {
    await this.rest();
    await this.listener.stop();
    this.receiver.stop();
  }
}
