import { describe, expect, it } from '@jest/globals';
import { ManualClock, silentLogger } from '@tributary/runtime';
import type { BreakerElsewhere } from '../ports.ts';
import { MemoryBreakerBook } from '../testing/memory-books.ts';
import { BreakerWatch } from './breaker-watch.ts';

function setUp(options: { replicas: number }) {
  const clock = new ManualClock();
  const breakers = new MemoryBreakerBook();
  const heard: string[] = [];
  const connection = (id: string) => ({
    record: { id },
    breakersElsewhere: (open: readonly BreakerElsewhere[]) => {
      heard.push(`${id}: ${open.map(({ replica, class: name }) => `${replica} ${name}`).join(', ') || 'none'}`);
    },
  });
  const connections = [connection('a'), connection('b')];
  const watch = new BreakerWatch({
    breakers,
    replicas: () => options.replicas,
    connections: () => connections,
    clock,
    log: silentLogger,
  });
  const open = { connectionId: 'a', replica: 'r2', class: 'read' as const, failures: 5 };
  return { clock, breakers, heard, watch, connection, open, options };
}

describe('BreakerWatch', () => {
  it('tells each connection of its own, also one that comes later', async () => {
    const { clock, breakers, heard, watch, connection, open } = setUp({ replicas: 2 });
    breakers.others = [open];
    watch.start();
    await clock.advance(0);
    expect(heard).toEqual(['a: r2 read', 'b: none']);
    watch.tell(connection('a'));
    expect(heard.at(-1)).toBe('a: r2 read');
    breakers.others = [];
    await clock.advance(5_000);
    expect(heard.slice(-2)).toEqual(['a: none', 'b: none']);
    watch.stop();
  });

  it('asks nobody while this replica is alone, but hears the end of what it knows', async () => {
    const { clock, breakers, heard, watch, open, options } = setUp({ replicas: 1 });
    watch.start();
    await clock.advance(20_000);
    expect(heard).toEqual([]);
    options.replicas = 2;
    breakers.others = [open];
    await clock.advance(5_000);
    options.replicas = 1;
    breakers.others = [];
    await clock.advance(10_000);
    expect(heard).toEqual(['a: r2 read', 'b: none', 'a: none', 'b: none']);
    watch.stop();
  });

  it('keeps what it knows while the database is away', async () => {
    const { clock, breakers, heard, watch, open } = setUp({ replicas: 2 });
    breakers.others = [open];
    watch.start();
    await clock.advance(0);
    breakers.elsewhere = () => Promise.reject(new Error('the database is away'));
    await clock.advance(20_000);
    expect(heard).toEqual(['a: r2 read', 'b: none']);
    watch.stop();
  });
});
