import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { deviceId, platformResource } from '@tributary/contracts';
import type { Simulator } from '@tributary/simulators';
import { eventually } from '../conditions.ts';
import { AdapterStage } from './adapter-stage.ts';
import { brokenStream } from './broken-stream.ts';

export interface Conformance {
  platform: string;
  /** A simulator of its own, with a scenario of a few dozen devices of which the demonstration account sees all. */
  simulator: () => Promise<Simulator>;
  /** Settings that make the connection poll about once a second. */
  settings: Record<string, unknown>;
  operations: {
    /** Ids of the operations that log in: how often they are asked for is counted. */
    login: string[];
    /** The operation that brings telemetry, by whatever way it can be asked for: faults are put on it. */
    telemetry: string;
    /** Calls that are waited for after each expiry of a token; fewer where a round has few of them. Default 10. */
    afterExpiry?: number;
    /** Where a window of the vendor's limits lasts a minute: which test shows, in simulated time, that it is waited out. */
    windowShownBy?: string;
  };
  /** An order that the scenario's devices carry out, and the operation that carries it. */
  command?: { name: string; params: Record<string, unknown>; operation: string; reaches: string };
  /** Telemetry comes by a stream that replays nothing: what nobody was there to hear may be told as a gap instead. */
  stream?: {
    /** Which of the simulator's listeners brings it. */
    listener: string;
    /** The operation that opens it, and how often it is asked for: nothing is produced before somebody listens. */
    opened: { operation: string; times: number };
    /** How long after their own time points are sent at most: what is late is lost with the time in which it was sent. */
    lateMs: number;
  };
  /** Promises that this platform makes impossible, with the reason. */
  exempt?: Partial<Record<AdapterPromise, string>>;
}

/** What every adapter promises, by name. */
export type AdapterPromise =
  | 'announces itself'
  | 'discovers every device'
  | 'publishes every point'
  | 'survives expired tokens'
  | 'waits out 429'
  | 'survives 500'
  | 'survives answers that do not fit'
  | 'survives an outage'
  | 'tells exactly what a broken stream has missed'
  | 'does not move a checkpoint before the broker confirmed'
  | 'carries out a command once'
  | 'stops in order'
  | 'survives kill -9'
  | 'is quiet when refused'
  | 'follows its configuration at run time';

const MINUTE = 60_000;

/** The promises of an adapter, shown against its simulator with a real broker and a real database. */
export function describeAdapter(conformance: Conformance): void {
  describe(`adapter ${conformance.platform}`, () => {
    let stage: AdapterStage;
    let connection: string;
    const promise = (name: AdapterPromise, work: () => Promise<void>, timeoutMs = 2 * MINUTE) => {
      const reason = conformance.exempt?.[name];
      if (reason === undefined) it(name, work, timeoutMs);
      else it(`${name}: exempt, ${reason}`, () => expect(reason.length).toBeGreaterThan(10));
    };

    beforeAll(async () => {
      stage = await AdapterStage.start({
        simulator: await conformance.simulator(),
        settings: conformance.settings,
        ...(conformance.stream ? { gapsExcuse: conformance.stream } : {}),
      });
      connection = await stage.connect();
      if (conformance.stream) stage.simulator.production.pause();
      await stage.startAdapter();
      if (!conformance.stream) return;
      const { operation, times } = conformance.stream.opened;
      await stage.simulator.journal.until({ operation }, times, AbortSignal.timeout(MINUTE));
      stage.simulator.production.resume();
    }, 2 * MINUTE);
    afterEach(() => {
      stage.simulator.faults.clear();
      stage.wire.heal();
    });
    afterAll(() => stage?.stop(), MINUTE);

    const { telemetry, login, afterExpiry = 10 } = conformance.operations;
    const asked = (operation: string | string[], status?: number) =>
      stage.simulator.journal.count({ operation, ...(status === undefined ? {} : { status }) });
    const status = async () =>
      (
        await stage.rows<{ status: string }>('select status from connection_status where connection_id = $1', [
          connection,
        ])
      )[0]?.status;

    promise('announces itself', async () => {
      const rows = await eventually('the platform row', async () => {
        const found = await stage.rows<{ resource: unknown }>('select resource from platform where id = $1', [
          conformance.platform,
        ]);
        return found.length > 0 && found;
      });
      const resource = platformResource.parse(rows[0]?.resource);
      expect(resource.settingsSchema).toHaveProperty('properties');
      // What a caller can give is there, what must never be read is only named. A platform may have further ways in.
      expect(Object.keys(resource.credentialsSchema.properties as object)).toEqual(
        expect.arrayContaining(Object.keys(stage.simulator.demoConnection.credentials)),
      );
      expect(resource.capabilities.includes('commands')).toBe(conformance.command !== undefined);
    });

    promise('discovers every device', async () => {
      const expected = stage.simulator.truth
        .devices()
        .map((native) => deviceId(connection, native))
        .toSorted();
      await eventually('an event for each', () => stage.bus.named('device.discovered').length >= expected.length);
      const found = stage.bus
        .named('device.discovered')
        .map((e) => e.subject)
        .toSorted();
      expect(found).toEqual(expected);
    });

    promise('publishes every point', async () => {
      await stage.complete();
      expect(stage.bus.contradictions).toEqual([]);
    });

    promise('survives expired tokens', async () => {
      const before = asked(login);
      for (let round = 0; round < 3; round += 1) {
        const position = stage.simulator.journal.position;
        stage.simulator.faults.expireTokens();
        await stage.simulator.journal.until(
          { operation: telemetry, status: 200, after: position },
          afterExpiry,
          AbortSignal.timeout(MINUTE),
        );
      }
      await stage.complete();
      // One renewal for each expiry, however many calls were under way: a refresh or a whole log-in, no storm.
      expect(asked(login) - before).toBeLessThanOrEqual(3 * login.length * 2);
    });

    promise('waits out 429', async () => {
      stage.simulator.faults.add({ kind: 'rate-limit', retryAfterSeconds: 2 }, { operation: telemetry, count: 1 });
      const [limited] = await stage.simulator.journal.until(
        { operation: telemetry, status: 429 },
        1,
        AbortSignal.timeout(MINUTE),
      );
      // Calls that were already under way may still arrive; a new one waits.
      const began = limited?.at ?? 0;
      const next = await eventually('the next call', () =>
        stage.simulator.journal.entries({ operation: telemetry, after: limited?.seq }).find((e) => e.at - began > 500),
      );
      expect(next.at - began).toBeGreaterThanOrEqual(1_900);
      // Without a word on how long, a whole window is waited and the pace halved: slower, and nothing lost.
      if (conformance.operations.windowShownBy === undefined)
        stage.simulator.faults.add({ kind: 'rate-limit' }, { operation: telemetry, count: 1 });
      await stage.complete(2 * MINUTE);
    });

    promise(
      'survives 500',
      async () => {
        stage.simulator.faults.add(
          { kind: 'status', status: 500 },
          { operation: telemetry, count: 3, probability: 0.5, seed: 3 },
        );
        await stage.simulator.journal.until({ operation: telemetry, status: 500 }, 3, AbortSignal.timeout(2 * MINUTE));
        // What is left of them would only be waited for.
        stage.simulator.faults.clear();
        await stage.complete(MINUTE);
      },
      4 * MINUTE,
    );

    promise('survives answers that do not fit', async () => {
      for (const as of ['html', 'garbage', 'null', 'array', 'proto', 'gzip-bomb'] as const) {
        stage.simulator.faults.add({ kind: 'malformed', as }, { operation: telemetry, count: 1 });
      }
      stage.simulator.faults.add({ kind: 'truncated' }, { operation: telemetry, count: 1 });
      await eventually(
        'all of them were served',
        () => stage.simulator.faults.list().every((f) => f.hits === f.scope.count),
        {
          timeoutMs: MINUTE,
        },
      );
      expect(stage.adapter.running).toBe(true);
      await stage.complete(MINUTE);
      expect(stage.bus.contradictions).toEqual([]);
    });

    promise(
      'survives an outage',
      async () => {
        const outage = stage.simulator.faults.outage('close');
        await eventually('the connection is degraded', async () => (await named('connection.degraded')) > 0, {
          timeoutMs: MINUTE,
        });
        const position = stage.simulator.journal.position;
        const began = performance.now();
        await eventually('five seconds of outage', () => performance.now() - began > 5_000, { timeoutMs: 20_000 });
        // A breaker holds calls back: a dead platform is not hammered.
        expect(stage.simulator.journal.count({ after: position })).toBeLessThan(15);
        stage.simulator.faults.clear(outage);
        await eventually('the connection has recovered', async () => (await named('connection.recovered')) > 0, {
          timeoutMs: 3 * MINUTE,
        });
        await stage.complete(2 * MINUTE);
      },
      6 * MINUTE,
    );
    const named = async (
      name: 'connection.degraded' | 'connection.recovered' | 'connection.unauthorized' | 'connection.removed',
    ) => stage.bus.named(name).length;

    if (conformance.stream) {
      const { listener } = conformance.stream;
      promise(
        'tells exactly what a broken stream has missed',
        () => brokenStream(stage, connection, listener),
        4 * MINUTE,
      );
    }

    promise(
      'does not move a checkpoint before the broker confirmed',
      async () => {
        const versions = () =>
          stage.rows<{ name: string; version: number }>(
            'select name, version from checkpoint where connection_id = $1 order by name',
            [connection],
          );
        await eventually('there is a checkpoint', async () => (await versions()).length > 0);
        // The broker's answers are swallowed: nothing is confirmed any more.
        stage.wire.set('downstream', { blackHole: true });
        const unchangedFor = async (ms: number, before: unknown) => {
          const until = performance.now() + ms;
          await eventually('time passes', () => performance.now() > until);
          return JSON.stringify(await versions()) === JSON.stringify(before);
        };
        // What was confirmed a moment before may still be saved. An adapter that saves without a confirmation saves
        // at each poll, once a second, and its checkpoints never come to rest.
        await eventually('no checkpoint moves', async () => unchangedFor(2_000, await versions()), {
          timeoutMs: 20_000,
        });
        const held = await versions();
        expect(await unchangedFor(4_000, held)).toBe(true);
        stage.wire.heal();
        stage.wire.cut();
        await stage.complete(2 * MINUTE);
      },
      4 * MINUTE,
    );

    if (conformance.command) {
      const { command } = conformance;
      promise('carries out a command once', async () => {
        const nativeId = stage.simulator.truth.devices()[0] ?? '';
        const before = asked(command.operation);
        const id = await stage.order(
          connection,
          { nativeId, name: command.name, params: command.params, expiresInMs: 5 * MINUTE },
          3,
        );
        await eventually(
          `it is ${command.reaches}`,
          async () => {
            const [row] = await stage.rows<{ state: string }>('select state from command where id = $1', [id]);
            return row?.state === command.reaches;
          },
          { timeoutMs: MINUTE },
        );
        expect(asked(command.operation) - before).toBe(1);
        const late = await stage.order(connection, {
          nativeId,
          name: command.name,
          params: command.params,
          expiresInMs: -1_000,
        });
        await eventually(
          'what came too late is expired',
          async () => {
            const [row] = await stage.rows<{ state: string }>('select state from command where id = $1', [late]);
            return row?.state === 'expired';
          },
          { timeoutMs: MINUTE },
        );
        expect(asked(command.operation) - before).toBe(1);
      });
    }

    promise('stops in order', async () => {
      const position = stage.simulator.journal.position;
      await stage.simulator.journal.until({ operation: telemetry, after: position }, 3, AbortSignal.timeout(MINUTE));
      const began = performance.now();
      expect(await stage.adapter.stop()).toBe(0);
      expect(performance.now() - began).toBeLessThan(25_000);
      await stage.startAdapter();
      await stage.complete(MINUTE);
    });

    promise(
      'survives kill -9',
      async () => {
        for (let round = 0; round < 3; round += 1) {
          const position = stage.simulator.journal.position;
          await stage.simulator.journal.until(
            { operation: telemetry, after: position },
            Math.max(1, Math.round(((2 + 3 * round) * afterExpiry) / 10)),
            AbortSignal.timeout(MINUTE),
          );
          await stage.adapter.kill();
          await stage.startAdapter();
        }
        await stage.complete(MINUTE);
        expect(stage.bus.contradictions).toEqual([]);
        // What was discovered before is known: no device appears or vanishes because of a restart.
        expect(stage.bus.named('device.discovered')).toHaveLength(stage.simulator.truth.devices().length);
        expect(stage.bus.named('device.removed')).toHaveLength(0);
      },
      4 * MINUTE,
    );

    promise('is quiet when refused', async () => {
      const wrong = Object.fromEntries(
        Object.entries(stage.simulator.demoConnection.credentials).map(([key, value]) => [key, `${value}-wrong`]),
      );
      const before = asked(login);
      const refused = await stage.connect(wrong);
      await eventually(
        'the connection is unauthorized',
        () => stage.bus.named('connection.unauthorized').some((e) => e.subject === refused),
        { timeoutMs: MINUTE },
      );
      // Tried again like anything else that fails, it would be asked three times and more in these seconds.
      const told = asked(login);
      const began = performance.now();
      await eventually('five seconds pass', () => performance.now() - began > 5_000, { timeoutMs: 20_000 });
      expect(asked(login) - told).toBeLessThanOrEqual(1);
      expect(asked(login) - before).toBeLessThanOrEqual(3);
      await stage.disconnect(refused);
      expect(await status()).not.toBe('unauthorized');
    });

    promise('follows its configuration at run time', async () => {
      const second = await stage.connect();
      await eventually(
        'the new connection discovers',
        () => stage.bus.named('device.discovered').some((e) => e.connectionid === second),
        { timeoutMs: MINUTE },
      );
      await stage.disconnect(second);
      await eventually('the removed connection is let go', async () => {
        const [lease] = await stage.rows<{ replica: string | null }>(
          'select replica from connection_lease where connection_id = $1',
          [second],
        );
        return lease?.replica === null;
      });
    });
  });
}
