import { type CommandOrder, commandOrder } from '@tributary/contracts';
import type { Clock, Logger } from '@tributary/runtime';
import { fullJitter } from '../scheduling/backoff.ts';

/** The part of a delivery that the intake needs. */
export interface OrderDelivery {
  readonly body: Buffer;
  ack(): void;
  reject(requeue: boolean): void;
}

export interface IntakeOptions {
  handle: (order: CommandOrder, signal: AbortSignal) => Promise<void>;
  clock: Clock;
  random: () => number;
  log: Logger;
  /** Aborts when the process lets go; what is not settled by then goes back to the queue. */
  signal: AbortSignal;
}

const RETRY = { baseMs: 250, capMs: 15_000 };

/**
 * Orders off the queue: acknowledged once the ledger has their outcome. When the ledger is away the order waits here
 * rather than going round the queue; what is no order goes to the dead letters.
 */
export const commandIntake =
  (options: IntakeOptions) =>
  async (delivery: OrderDelivery): Promise<void> => {
    const order = read(delivery.body);
    if (!order) {
      options.log.error('something in the command queue is no order; it goes to the dead letters');
      return delivery.reject(false);
    }
    const { clock, random, log, signal } = options;
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await options.handle(order, signal);
        return delivery.ack();
      } catch (error) {
        if (signal.aborted) return;
        if (failures === 1) log.warn({ err: error, commandId: order.commandId }, 'an order has to wait');
        await clock.sleep(fullJitter(failures, { ...RETRY, random }), signal).catch(() => undefined);
      }
    }
  };

function read(body: Buffer): CommandOrder | undefined {
  try {
    const parsed = commandOrder.safeParse(JSON.parse(body.toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
