import { describe, expect, it } from '@jest/globals';
import { AuthenticationError, UnavailableError } from '@tributary/contracts';
import { ManualClock, Metrics, silentLogger } from '@tributary/runtime';
import { z } from 'zod';
import type { BreakerMode, BreakerTurn } from '../../breakers/breaker.ts';
import { type Adapter, defineAdapter, type Observation, type Page, type StreamItem } from '../../contract.ts';
import { HeldLease } from '../leases/held-lease.ts';
import { ConfirmedMemory } from '../publishing/confirmed-memory.ts';
import { DueQueue } from '../scheduling/due-queue.ts';
import { instanceWith } from '../testing/made-instance.ts';
import { MemoryStatusBook } from '../testing/memory-books.ts';
import { MemoryCheckpoints } from '../testing/memory-checkpoints.ts';
import { MemoryPublisher } from '../testing/memory-publisher.ts';
import { ConnectionSupervisor } from './connection-supervisor.ts';

const CONNECTION = `con_${'d'.repeat(26)}`;

function setUp(adapter: Partial<Adapter>, options: { settings?: Record<string, string>; sealed?: string } = {}) {
  const clock = new ManualClock();
  const lease = new HeldLease({ connectionId: CONNECTION, epoch: 1, revFloor: 0n }, clock);
  const hold = () => lease.renewed(clock.monotonicMs(), 100_000_000, lease.wantedFloor(100_000_000));
  hold();
  const bus = new MemoryPublisher();
  const checkpoints = new MemoryCheckpoints();
  const book = new MemoryStatusBook();
  const definition = defineAdapter({
    manifest: {
      platform: 'acme',
      displayName: 'Acme',
      capabilities: [],
      budgets: {},
      schedules: { discover: '60s', follow: '10s', latest: '10s' },
    },
    settings: z.strictObject({ place: z.string() }),
    credentials: z.strictObject({ key: z.string() }),
    connect: () => ({ probe: async () => {}, ...adapter }),
  });
  const turn: { listener: ((turn: BreakerTurn) => void) | undefined } = { listener: undefined };
  const noted: string[] = [];
  const supervisor = new ConnectionSupervisor({
    definition,
    record: {
      id: CONNECTION,
      workspace: 'default',
      platform: 'acme',
      settings: options.settings ?? { place: 'here' },
      sealed: options.sealed ?? 'sealed',
      credentialsMark: '1',
      state: 'active',
      lastStatus: 'unknown',
    },
    vault: {
      seal: () => 'sealed',
      open: (sealed) => {
        if (sealed !== 'sealed') throw new Error('damaged');
        return { key: 'k' };
      },
    },
    makeAccess: ({ onBreaker }) => {
      turn.listener = onBreaker;
      return instanceWith({ probe: async () => {} }).access;
    },
    onBreaker: (record, { state }) => noted.push(`${record.id} ${state}`),
    lease,
    runs: { keep: () => {} },
    attend: () => async () => undefined,
    publisher: bus,
    checkpoints,
    directory: { known: async () => [] },
    book,
    due: new DueQueue(clock),
    clock,
    random: () => 0.5,
    log: silentLogger,
    metrics: new Metrics('test'),
    memory: new ConfirmedMemory(1_000),
    failpoint: () => undefined,
    follow: async () => {},
  });
  const said = () => bus.events.filter(({ type }) => type.includes('connection')).map(({ type }) => type.split('.')[3]);
  const breaker = (from: BreakerMode, state: BreakerMode, more: Partial<BreakerTurn> = {}) =>
    turn.listener?.({ class: 'read', from, state, since: new Date(clock.now()).toISOString(), failures: 5, ...more });
  return { clock, lease, bus, checkpoints, supervisor, said, breaker, noted };
}

const page = (value: number, nowMs: number): Page<Observation> => ({
  items: [{ type: 'points', device: 'd', origin: 'poll', points: [{ signal: 's', tsMs: nowMs, value }] }],
  checkpoint: { value },
});

describe('ConnectionSupervisor', () => {
  it('probes until it succeeds, then works, and stops in order', async () => {
    let probes = 0;
    let closed = false;
    let polls = 0;
    const { clock, supervisor, said, checkpoints, bus } = setUp({
      probe: async () => {
        probes += 1;
        if (probes < 4) throw new UnavailableError('no route');
      },
      polls: {
        latest: {
          schedule: 'latest',
          async *run() {
            polls += 1;
            yield page(polls, clock.now());
          },
        },
      },
      close: async () => {
        closed = true;
      },
    });
    supervisor.start();
    await clock.advance(60_000);
    expect(said()).toEqual(['degraded', 'recovered']);
    expect(polls).toBeGreaterThan(3);
    expect(bus.named('telemetry.observed').length).toBe(polls);
    expect(checkpoints.rows.get(`${CONNECTION}/latest`)?.value).toEqual({ value: polls });
    await supervisor.stop();
    expect(closed).toBe(true);
    const before = polls;
    await clock.advance(60_000);
    expect(polls).toBe(before);
  });

  it('falls quiet when its credentials are refused, and tries ever more rarely', async () => {
    let refused = false;
    const probes: number[] = [];
    let polls = 0;
    const { clock, supervisor, said } = setUp({
      probe: async () => {
        probes.push(clock.now());
        if (refused) throw new AuthenticationError('wrong password');
      },
      polls: {
        latest: {
          schedule: 'latest',
          // biome-ignore lint/correctness/useYield: it fails before its first page
          async *run() {
            polls += 1;
            if (refused) throw new AuthenticationError('wrong password');
          },
        },
      },
    });
    supervisor.start();
    await clock.advance(30_000);
    refused = true;
    await clock.advance(15_000);
    expect(said()).toEqual(['connected', 'unauthorized']);
    const quiet = { polls, probes: probes.length };
    await clock.advance(4 * 3_600_000);
    expect(polls).toBe(quiet.polls);
    expect(probes.length - quiet.probes).toBeLessThan(20);
    const last = probes.slice(-2);
    expect((last[1] ?? 0) - (last[0] ?? 0)).toBeGreaterThan(600_000);

    refused = false;
    supervisor.probeSoon();
    await clock.advance(15_000);
    expect(said()).toEqual(['connected', 'unauthorized', 'recovered']);
    expect(polls).toBeGreaterThan(quiet.polls);
    await supervisor.stop();
  });

  it('is degraded only by a poll that fails again and again, and says so once', async () => {
    let failing = true;
    const { clock, supervisor, said } = setUp({
      polls: {
        latest: {
          schedule: 'latest',
          // biome-ignore lint/correctness/useYield: it fails, or has nothing to say
          async *run() {
            if (failing) throw new UnavailableError('500');
          },
        },
      },
    });
    supervisor.start();
    await clock.advance(3_500);
    expect(said()).toEqual(['connected']);
    await clock.advance(120_000);
    expect(said()).toEqual(['connected', 'degraded']);
    failing = false;
    await clock.advance(60_000);
    expect(said()).toEqual(['connected', 'degraded', 'recovered']);
    await supervisor.stop();
  });

  it('names what is wrong with its configuration, and never a value', async () => {
    const settings = setUp({}, { settings: { place: 'here', secretive: 'hunter2' } });
    settings.supervisor.start();
    await settings.clock.advance(1_000);
    expect(settings.said()).toEqual(['degraded']);
    expect(JSON.stringify(settings.bus.events)).toContain('secretive');
    expect(JSON.stringify(settings.bus.events)).not.toContain('hunter2');
    await settings.supervisor.stop();
    const credentials = setUp({}, { sealed: 'by another key' });
    credentials.supervisor.start();
    await credentials.clock.advance(1_000);
    expect(credentials.said()).toEqual(['unauthorized']);
    await credentials.supervisor.stop();
  });

  it('stops at once when its lease is lost', async () => {
    let polls = 0;
    const { clock, lease, supervisor } = setUp({
      polls: {
        latest: {
          schedule: 'latest',
          async *run() {
            polls += 1;
            yield page(polls, clock.now());
          },
        },
      },
    });
    supervisor.start();
    await clock.advance(15_000);
    const before = polls;
    lease.lose('test');
    await clock.advance(60_000);
    expect(polls).toBe(before);
    await supervisor.stop();
  });

  it('waits for confirms and saves before it has stopped', async () => {
    const { clock, bus, checkpoints, supervisor } = setUp({
      polls: {
        latest: {
          schedule: 'latest',
          async *run(_from, signal) {
            yield page(1, clock.now());
            await clock.sleep(1_000_000, signal);
          },
        },
      },
    });
    bus.holding = true;
    supervisor.start();
    await clock.advance(6_000);
    expect(bus.named('telemetry.observed')).toHaveLength(1);
    const stopped = supervisor.stop();
    await clock.advance(1_000);
    expect(checkpoints.rows.size).toBe(0);
    bus.release();
    await stopped;
    expect(checkpoints.rows.get(`${CONNECTION}/latest`)?.value).toEqual({ value: 1 });
  });
});

describe('breakers of a connection', () => {
  const down = { code: 'timeout' as const, message: 'no answer in 12 s' };

  it('degrade it once when one opens, with class and reason, and it recovers once when all have closed', async () => {
    const { clock, supervisor, bus, said, breaker, noted } = setUp({});
    supervisor.start();
    await clock.advance(1_000);
    breaker('closed', 'open', { code: 'timeout', error: down });
    for (let probes = 0; probes < 3; probes += 1) {
      await clock.advance(15_000);
      breaker('open', 'half-open');
      breaker('half-open', 'open', { code: 'timeout', error: down });
    }
    breaker('closed', 'open', { class: 'command', failures: 4 });
    await clock.advance(1_000);
    expect(said()).toEqual(['connected', 'degraded']);
    expect(bus.named('connection.degraded')[0]?.data).toMatchObject({
      class: 'read',
      reason: 'read: calls are paused after 5 failures in a row: no answer in 12 s',
      error: down,
    });
    breaker('half-open', 'closed');
    await clock.advance(1_000);
    expect(said()).toEqual(['connected', 'degraded']);
    breaker('half-open', 'closed', { class: 'command' });
    await clock.advance(1_000);
    expect(said()).toEqual(['connected', 'degraded', 'recovered']);
    expect(bus.named('connection.recovered')[0]?.data).toMatchObject({ class: 'command' });
    expect(noted).toHaveLength(10);
    await supervisor.stop();
  });

  it('do not leave it degraded for ever when nobody tries again, which is said', async () => {
    const { clock, supervisor, bus, said, breaker } = setUp({});
    supervisor.start();
    await clock.advance(1_000);
    breaker('closed', 'open', { class: 'command' });
    breaker('open', 'half-open', { class: 'command' });
    await clock.advance(14 * 60_000);
    expect(said()).toEqual(['connected', 'degraded']);
    await clock.advance(60_000);
    expect(said()).toEqual(['connected', 'degraded', 'recovered']);
    const reason = 'command: nobody has tried since calls were paused';
    expect(bus.named('connection.recovered')[0]?.data).toMatchObject({ reason, class: 'command' });
    breaker('half-open', 'open', { class: 'command' });
    await clock.advance(1_000);
    expect(said().at(-1)).toBe('degraded');
    await supervisor.stop();
  });

  it('of other replicas count too, until they close or their replica is gone', async () => {
    const { clock, supervisor, bus, said, breaker } = setUp({});
    const elsewhere = { connectionId: CONNECTION, replica: 'other', class: 'read' as const, failures: 5 };
    supervisor.start();
    await clock.advance(1_000);
    supervisor.breakersElsewhere([elsewhere]);
    supervisor.breakersElsewhere([elsewhere]);
    breaker('closed', 'open');
    await clock.advance(1_000);
    expect(said()).toEqual(['connected', 'degraded']);
    expect(bus.named('connection.degraded')[0]?.data).toMatchObject({ class: 'read' });
    breaker('half-open', 'closed');
    await clock.advance(1_000);
    expect(said()).toEqual(['connected', 'degraded']);
    supervisor.breakersElsewhere([]);
    await clock.advance(1_000);
    expect(said()).toEqual(['connected', 'degraded', 'recovered']);
    await supervisor.stop();
  });

  it('say nothing when they are let go', async () => {
    const { clock, supervisor, said, breaker } = setUp({});
    supervisor.start();
    await clock.advance(1_000);
    breaker('closed', 'open');
    breaker('open', 'closed', { code: 'let-go' });
    await clock.advance(1_000);
    expect(said()).toEqual(['connected', 'degraded']);
    await supervisor.stop();
    expect(supervisor.said).toEqual({ lastStatus: 'degraded' });
  });
});

describe('a stream', () => {
  /** Each list is one time that the stream is open; it ends with a cut. */
  function stream(times: { value: number; done: () => void }[][], clock: () => ManualClock) {
    let opened = 0;
    return {
      opened: () => opened,
      open: async function* (signal: AbortSignal): AsyncGenerator<StreamItem> {
        const items = times[opened] ?? [];
        opened += 1;
        for (const { value, done } of items) {
          const points = [{ signal: 's', tsMs: clock().now() + value, value }];
          yield { type: 'points', device: 'd', origin: 'live', points, done };
        }
        if (opened < times.length) throw new UnavailableError('cut');
        await clock().sleep(100_000_000, signal);
      },
    };
  }

  it('acknowledges after the confirm, reopens, and repairs the gap from history', async () => {
    const done: number[] = [];
    const item = (value: number) => ({ value, done: () => done.push(value) });
    const source = stream([[item(1), item(2)], [item(3)]], () => rig.clock);
    const asked: { fromMs: number; toMs: number }[] = [];
    const rig = setUp({
      stream: source,
      devices: {
        async *discover() {
          yield { items: [{ nativeId: 'd', name: 'd', spaces: [], properties: {} }] };
        },
      },
      telemetry: {
        async *history({ fromMs, toMs }) {
          asked.push({ fromMs, toMs });
          yield { items: [{ device: 'd', origin: 'backfill', points: [{ signal: 's', tsMs: fromMs, value: 99 }] }] };
        },
      },
    });
    rig.bus.holding = true;
    rig.supervisor.start();
    await rig.clock.advance(1_000);
    expect(done).toEqual([]);
    rig.bus.release();
    await rig.clock.advance(60_000);
    expect(done).toEqual([1, 2, 3]);
    expect(source.opened()).toBe(2);
    expect(asked).toHaveLength(1);
    const values = rig.bus
      .named('telemetry.observed')
      .flatMap(({ data }) => (data as { points: { value: number }[] }).points.map(({ value }) => value));
    expect(new Set(values)).toEqual(new Set([1, 2, 3, 99]));
    await rig.supervisor.stop();
    expect(rig.checkpoints.rows.get(`${CONNECTION}/stream`)?.value).not.toHaveProperty('gapFromMs');
  });

  it('says so when it stays away, and what was missed where there is no history', async () => {
    let away = false;
    const rig = setUp({
      stream: {
        async *open(signal): AsyncGenerator<StreamItem> {
          if (away) throw new UnavailableError('no broker');
          yield { type: 'points', device: 'd', origin: 'live', points: [{ signal: 's', value: rig.clock.now() }] };
          await Promise.race([rig.clock.sleep(20_000, signal), rig.clock.sleep(100_000_000, signal)]);
        },
      },
    });
    rig.supervisor.start();
    await rig.clock.advance(19_000);
    expect(rig.said()).toEqual(['connected']);
    away = true;
    await rig.clock.advance(60_000);
    expect(rig.said()).toEqual(['connected', 'degraded']);
    away = false;
    await rig.clock.advance(65_000);
    expect(rig.said()).toEqual(['connected', 'degraded', 'recovered']);
    const recovered = rig.bus.named('connection.recovered')[0]?.data;
    expect(recovered).toMatchObject({ reason: expect.stringContaining('keeps no history') });
    await rig.supervisor.stop();
  });
});
