import { describe, expect, it } from '@jest/globals';
import {
  InvalidRequestError,
  MalformedResponseError,
  PermissionDeniedError,
  RateLimitedError,
  TimeoutError,
  UnavailableError,
} from '@tributary/contracts';
import { ManualClock, Metrics, silentLogger } from '@tributary/runtime';
import type { Command, CommandReceipt } from '../../contract.ts';
import { instanceWith } from '../testing/made-instance.ts';
import { MemoryLedger } from '../testing/memory-ledger.ts';
import { classifyCallFailure } from './call-outcome.ts';
import { CommandExecutor } from './command-executor.ts';
import { CommandFollower } from './command-follower.ts';
import { commandIntake } from './command-intake.ts';

const never = new AbortController().signal;
const receipt = (state: CommandReceipt['state']): CommandReceipt => ({
  state,
  evidence: { kind: 'platform-answer', detail: 'said so' },
  reference: { at: 1 },
});

class Crash extends Error {}

function setUp(
  execute: (command: Command, nth: number) => Promise<CommandReceipt>,
  prepare?: (command: Command) => Promise<void>,
) {
  const clock = new ManualClock();
  const ledger = new MemoryLedger(clock);
  const calls: string[] = [];
  let followed: CommandReceipt | undefined;
  const lease = { epoch: 1, held: true };
  const instance = instanceWith({
    probe: async () => {},
    commands: {
      describe: () => [
        { name: 'set', description: '', params: {}, idempotent: true, evidence: ['confirmed'] },
        { name: 'add', description: '', params: {}, idempotent: false, evidence: ['confirmed'] },
      ],
      execute: (command) => {
        calls.push(command.id);
        return execute(command, calls.length);
      },
      follow: async () => followed,
      ...(prepare ? { prepare } : {}),
    },
  });
  /** Points at which this replica dies. */
  const crashes = new Set<string>();
  const replica = (name: string) =>
    new CommandExecutor({
      ledger,
      replica: name,
      borrow: async () => ({ instance, giveBack: () => {} }),
      leaseOf: () => ({ epoch: lease.epoch, valid: () => lease.held }),
      clock,
      random: () => 0.5,
      log: silentLogger,
      metrics: new Metrics('test'),
      failpoint: async (point) => {
        if (crashes.has(point)) throw new Crash(point);
      },
    });
  const executor = replica('a');
  const accept = (name: string, expiresInMs = 60_000) =>
    ledger.accept({
      commandId: `cmd_${ledger.rows.size}`,
      workspace: 'default',
      connectionId: 'con',
      deviceId: 'dev',
      nativeId: 'd',
      name,
      params: {},
      expiresAt: new Date(clock.now() + expiresInMs).toISOString(),
    });
  const follower = (by: CommandExecutor) => new CommandFollower({ ledger, executor: by, clock, log: silentLogger });
  return {
    clock,
    ledger,
    calls,
    instance,
    crashes,
    replica,
    executor,
    accept,
    follower,
    lease,
    says: (r: CommandReceipt | undefined) => {
      followed = r;
    },
  };
}

describe('CommandExecutor', () => {
  it('claims, calls and records, and gives a redelivery the old receipt', async () => {
    const { executor, accept, calls, ledger } = setUp(async () => receipt('queued'));
    const order = accept('add');
    await Promise.all([executor.handle(order, never), executor.handle(order, never)]);
    await executor.handle(order, never);
    expect(calls).toHaveLength(1);
    expect(ledger.rows.get(order.commandId)).toMatchObject({ state: 'queued', reference: { at: 1 } });
  });

  it('never calls for an order whose deadline has passed', async () => {
    const { clock, executor, accept, calls, ledger } = setUp(async () => receipt('confirmed'));
    const order = accept('add', 1_000);
    await clock.advance(1_000);
    await executor.handle(order, never);
    expect(calls).toHaveLength(0);
    expect(ledger.rows.get(order.commandId)?.state).toBe('expired');
  });

  it('rejects what the platform refuses, and what the device does not know', async () => {
    const { executor, accept, ledger, calls } = setUp(() => Promise.reject(new PermissionDeniedError('not yours')));
    const refused = accept('add');
    const unknown = accept('no-such-thing');
    await executor.handle(refused, never);
    await executor.handle(unknown, never);
    expect(calls).toHaveLength(1);
    expect(ledger.rows.get(refused.commandId)?.state).toBe('rejected');
    expect(ledger.rows.get(unknown.commandId)?.state).toBe('rejected');
  });

  it('leaves a lost answer unknown when the order must not be sent twice', async () => {
    const { executor, accept, calls, ledger } = setUp(() => Promise.reject(new TimeoutError('no answer')));
    const order = accept('add');
    await executor.handle(order, never);
    expect(calls).toHaveLength(1);
    expect(ledger.rows.get(order.commandId)?.state).toBe('unknown');
    expect(ledger.rows.get(order.commandId)?.steps[0]?.step.evidence.kind).toBe('lost-answer');
  });

  it('sends again what may be sent twice, and what never left', async () => {
    for (const [name, error] of [
      ['set', new TimeoutError('no answer')],
      ['add', new RateLimitedError('later', { retryAfterMs: 2_000 })],
      ['add', new UnavailableError('refused', { platformCode: 'not-sent' })],
    ] as const) {
      const { clock, executor, accept, calls, ledger } = setUp((_c, nth) =>
        nth === 1 ? Promise.reject(error) : Promise.resolve(receipt('confirmed')),
      );
      const order = accept(name);
      const done = executor.handle(order, never);
      await clock.advance(5_000);
      await done;
      expect(calls).toEqual([order.commandId, order.commandId]);
      expect(ledger.rows.get(order.commandId)?.state).toBe('confirmed');
    }
  });

  it('says failed, not unknown, when nothing ever left before the deadline', async () => {
    const { clock, executor, accept, ledger } = setUp(() =>
      Promise.reject(new UnavailableError('open', { platformCode: 'circuit-open' })),
    );
    const order = accept('add', 3_000);
    const done = executor.handle(order, never);
    await clock.advance(10_000);
    await done;
    expect(ledger.rows.get(order.commandId)).toMatchObject({ state: 'failed' });
  });

  it('says failed when the platform asks for more patience than a claim has', async () => {
    const { clock, executor, accept, ledger, calls } = setUp(() =>
      Promise.reject(new RateLimitedError('later', { retryAfterMs: 120_000 })),
    );
    const order = accept('add', 600_000);
    const done = executor.handle(order, never);
    await clock.advance(1_000);
    await done;
    expect(calls).toHaveLength(1);
    expect(ledger.rows.get(order.commandId)?.state).toBe('failed');
  });

  it('does not wait for ever for a call that hears nothing', async () => {
    const { clock, executor, accept, ledger } = setUp(() => new Promise(() => {}));
    const order = accept('add');
    const done = executor.handle(order, never);
    await clock.advance(31_000);
    await done;
    expect(ledger.rows.get(order.commandId)?.state).toBe('unknown');
  });

  it('keeps the order of one device, and lets devices go side by side', async () => {
    const gate = Promise.withResolvers<void>();
    const { executor, accept, calls } = setUp(async (command) => {
      if (command.id === 'cmd_0') await gate.promise;
      return receipt('confirmed');
    });
    const [first, second, other] = [accept('add'), accept('add'), { ...accept('add'), deviceId: 'dev-2' }];
    const done = [first, second, other].map((order) => executor.handle(order, never));
    await done[2];
    expect(calls).toEqual([first.commandId, other.commandId]);
    gate.resolve();
    await Promise.all(done);
    expect(calls.at(-1)).toBe(second.commandId);
  });

  it('records the outcome however long the ledger is away', async () => {
    const { clock, executor, accept, calls, ledger } = setUp(async () => {
      ledger.away = true;
      return receipt('confirmed');
    });
    const order = accept('add');
    const done = executor.handle(order, never);
    await clock.advance(120_000);
    ledger.away = false;
    await clock.advance(20_000);
    await done;
    expect(calls).toHaveLength(1);
    expect(ledger.rows.get(order.commandId)?.state).toBe('confirmed');
  });

  it('does not call when it was stopped between claim and call, and the lease has passed on', async () => {
    const { executor, accept, calls, lease, ledger } = setUp(async () => receipt('confirmed'));
    lease.held = false;
    const order = accept('add');
    await executor.handle(order, never);
    expect(calls).toHaveLength(0);
    expect(ledger.rows.get(order.commandId)?.state).toBe('dispatched');
  });
});

describe('an order that cannot leave now', () => {
  const away = new UnavailableError('no session', { platformCode: 'not-sent' });

  it('is held without a claim, in the order of its device, and leaves once when the way is free', async () => {
    let down = true;
    const { clock, executor, accept, calls, ledger, replica } = setUp(
      async () => receipt('confirmed'),
      async () => {
        if (down) throw away;
      },
    );
    const [first, second] = [accept('add', 3_600_000), accept('add', 3_600_000)];
    await executor.handle(first, never);
    await executor.handle(second, never);
    await clock.advance(1_800_000);
    expect([...ledger.rows.values()].map(({ state }) => state)).toEqual(['accepted', 'accepted']);
    // A redelivery, and another replica that finds it waiting.
    await executor.handle(first, never);
    await replica('b').handle(first, never);
    down = false;
    await clock.advance(30_000);
    expect(calls).toEqual([first.commandId, second.commandId]);
    expect([...ledger.rows.values()].map(({ state }) => state)).toEqual(['confirmed', 'confirmed']);
  });

  it('expires at its deadline: it was never sent', async () => {
    const { clock, executor, accept, calls, ledger } = setUp(
      async () => receipt('confirmed'),
      () => Promise.reject(away),
    );
    const order = accept('add', 60_000);
    await executor.handle(order, never);
    await clock.advance(70_000);
    expect(calls).toEqual([]);
    expect(ledger.rows.get(order.commandId)?.state).toBe('expired');
    expect(executor.isRunning(order.commandId)).toBe(false);
  });

  it('is rejected when it can never leave', async () => {
    const { executor, accept, calls, ledger } = setUp(
      async () => receipt('confirmed'),
      () => Promise.reject(new InvalidRequestError('no such topic')),
    );
    const order = accept('add');
    await executor.handle(order, never);
    expect(calls).toEqual([]);
    expect(ledger.rows.get(order.commandId)?.state).toBe('rejected');
  });

  it('is left to others when the process stops', async () => {
    const { clock, executor, accept, ledger, replica } = setUp(
      async () => receipt('confirmed'),
      async () => {
        if (down) throw away;
      },
    );
    let down = true;
    const order = accept('add', 600_000);
    await executor.handle(order, never);
    await executor.idle();
    down = false;
    await clock.advance(60_000);
    expect(ledger.rows.get(order.commandId)?.state).toBe('accepted');
    await replica('b').handle(order, never);
    expect(ledger.rows.get(order.commandId)?.state).toBe('confirmed');
  });
});

describe('an order that was sent and of which nothing was heard', () => {
  const sent: CommandReceipt = { ...receipt('dispatched'), reference: { sentAtMs: 1 } };

  it('stays dispatched, is followed, never sent again, and is unknown after its deadline; evidence may still come', async () => {
    const { clock, executor, accept, calls, ledger, follower, instance, says } = setUp(async () => sent);
    const order = accept('add', 600_000);
    const state = () => ledger.rows.get(order.commandId)?.state;
    await executor.handle(order, never);
    for (let minute = 0; minute < 9; minute += 1) {
      await clock.advance(60_000);
      await follower(executor).round(instance, never);
      expect(state()).toBe('dispatched');
    }
    await clock.advance(60_000);
    await follower(executor).round(instance, never);
    expect(state()).toBe('unknown');
    says(receipt('confirmed'));
    await follower(executor).round(instance, never);
    expect(state()).toBe('confirmed');
    expect(calls).toHaveLength(1);
  });

  it('is confirmed as soon as its effect is seen', async () => {
    const { executor, accept, ledger, follower, instance, says } = setUp(async () => sent);
    const order = accept('set');
    await executor.handle(order, never);
    says(receipt('confirmed'));
    await follower(executor).round(instance, never);
    expect(ledger.rows.get(order.commandId)?.state).toBe('confirmed');
  });
});

describe('a replica that dies', () => {
  for (const point of ['after-claim-before-call', 'after-call-before-record']) {
    for (const name of ['add', 'set']) {
      it(`${point}: an order "${name}" is never a lie`, async () => {
        const { executor, replica, accept, calls, ledger, crashes, follower, instance, lease } = setUp(async () =>
          receipt('confirmed'),
        );
        crashes.add(point);
        const order = accept(name);
        await expect(executor.handle(order, never)).rejects.toThrow(Crash);
        crashes.clear();
        const called = calls.length;
        expect(called).toBe(point === 'after-claim-before-call' ? 0 : 1);

        const heir = replica('b');
        await heir.handle(order, never);
        expect(calls).toHaveLength(called);
        lease.epoch = 2;
        ledger.epochs.set('con', 2);
        await follower(heir).round(instance, never);
        expect(calls).toHaveLength(name === 'set' ? called + 1 : called);
        expect(ledger.rows.get(order.commandId)?.state).toBe(name === 'set' ? 'confirmed' : 'unknown');
      });
    }
  }
});

describe('CommandFollower', () => {
  it('follows until the end, and never past what is proven', async () => {
    const { executor, accept, ledger, follower, instance, says } = setUp(async () => receipt('queued'));
    const order = accept('add');
    await executor.handle(order, never);
    await follower(executor).round(instance, never);
    expect(ledger.rows.get(order.commandId)?.state).toBe('queued');
    says(receipt('delivered'));
    await follower(executor).round(instance, never);
    says(receipt('queued'));
    await follower(executor).round(instance, never);
    expect(ledger.rows.get(order.commandId)?.state).toBe('delivered');
    says(receipt('confirmed'));
    await follower(executor).round(instance, never);
    expect(ledger.rows.get(order.commandId)?.state).toBe('confirmed');
  });

  it('calls an order unknown, not expired, that the platform still holds past its deadline; evidence may still come', async () => {
    const { clock, executor, accept, ledger, follower, instance, says } = setUp(async () => receipt('queued'));
    const order = accept('add', 5_000);
    await executor.handle(order, never);
    await clock.advance(5_000);
    await follower(executor).round(instance, never);
    expect(ledger.rows.get(order.commandId)?.state).toBe('unknown');
    says(receipt('confirmed'));
    await follower(executor).round(instance, never);
    expect(ledger.rows.get(order.commandId)?.state).toBe('confirmed');
  });
});

describe('classifyCallFailure', () => {
  it('tells what never left, what was refused, and what nobody can know', () => {
    expect(classifyCallFailure(new RateLimitedError('x'))).toBe('not-sent');
    expect(classifyCallFailure(new UnavailableError('x', { platformCode: 'not-sent' }))).toBe('not-sent');
    expect(classifyCallFailure(new InvalidRequestError('x'))).toBe('refused');
    expect(classifyCallFailure(new UnavailableError('x', { platformStatus: 502 }))).toBe('ambiguous');
    expect(classifyCallFailure(new MalformedResponseError('x'))).toBe('ambiguous');
    expect(classifyCallFailure(new Error('x'))).toBe('ambiguous');
  });
});

describe('commandIntake', () => {
  const delivery = (body: unknown) => {
    const settled: string[] = [];
    return {
      settled,
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      ack: () => void settled.push('ack'),
      reject: (requeue: boolean) => void settled.push(requeue ? 'requeue' : 'dead'),
    };
  };
  const order = {
    commandId: 'cmd_x',
    workspace: 'default',
    connectionId: `con_${'a'.repeat(26)}`,
    deviceId: 'dev',
    nativeId: 'd',
    name: 'add',
    params: {},
    expiresAt: '2026-01-01T00:00:00.000Z',
  };

  it('sends what is no order to the dead letters', async () => {
    const options = { clock: new ManualClock(), random: () => 0.5, log: silentLogger, signal: never };
    for (const body of ['{', '{}', '[]']) {
      const garbage = delivery(body);
      await commandIntake({ ...options, handle: async () => {} })(garbage);
      expect(garbage.settled).toEqual(['dead']);
    }
  });

  it('acknowledges only after the outcome, and holds the order while the ledger is away', async () => {
    const clock = new ManualClock();
    let failures = 3;
    const held = delivery(order);
    const done = commandIntake({
      clock,
      random: () => 0.5,
      log: silentLogger,
      signal: never,
      handle: async () => {
        failures -= 1;
        if (failures > 0) throw new Error('away');
      },
    })(held);
    await clock.advance(0);
    expect(held.settled).toEqual([]);
    await clock.advance(60_000);
    await done;
    expect(held.settled).toEqual(['ack']);
  });
});
