import { eventually, type FaultProxy } from '@tributary/testing/harness';
import { type Backing, type Fault, REPLIES, type Reply } from '../plan/faults.ts';
import type { Injection } from './injection.ts';

/** How each reply begins on its wire: `COMMIT` of Postgres; class 60, method 80 of AMQP is `basic.ack` either way. */
const BEGINNING: Record<Exclude<Backing, 'redis'>, Buffer> = {
  postgres: Buffer.from('COMMIT\0'),
  rabbitmq: Buffer.from([0, 60, 0, 80]),
};
const LATENCY_MS = 250;
const SEEN = { timeoutMs: 180_000, everyMs: 20 } as const;

type OfWire = Extract<Fault, { kind: 'wire' | 'lost-reply' }>;

export function injectIntoWire(fault: OfWire, injection: Injection): Promise<void> {
  const { world, turns } = injection;
  const { group, backing } = fault.kind === 'wire' ? fault : REPLIES[fault.reply];
  const wire = world.backings.wire(group, backing);
  return turns.take(`${group} ${backing}`, async () => {
    if (fault.kind === 'lost-reply') return loseReplies(wire, fault, injection);
    if (backing === 'redis') injection.made.budgetsForgotten = true;
    return spoil(wire, fault, injection);
  });
}

async function spoil(wire: FaultProxy, { way, forPoints }: Extract<Fault, { kind: 'wire' }>, { progress }: Injection) {
  if (way === 'reset') return wire.cut();
  if (way === 'refuse') wire.down();
  const toxics = way === 'latency' ? { latencyMs: LATENCY_MS } : way === 'black-hole' ? { blackHole: true } : {};
  wire.set('downstream', toxics);
  wire.set('upstream', way === 'black-hole' ? toxics : {});
  await progress.producedMore(forPoints);
  wire.heal();
  // What was swallowed is gone: a connection with a hole in it is none.
  if (way === 'black-hole') wire.cut();
}

async function loseReplies(
  wire: FaultProxy,
  { reply, afterBytes, times }: Extract<Fault, { kind: 'lost-reply' }>,
  { made }: Injection,
): Promise<void> {
  const { backing, direction } = REPLIES[reply];
  for (let time = 0; time < times; time += 1) {
    const before = wire.cuts;
    wire.set(direction, { cutAt: BEGINNING[backing], cutAfterBytes: afterBytes });
    await eventually(`a ${reply} is cut`, () => wire.cuts > before, SEEN);
    count(made.lostReplies, reply);
  }
  wire.set(direction, {});
}

const count = (counts: Record<string, number>, reply: Reply): void => {
  counts[reply] = (counts[reply] ?? 0) + 1;
};
