import type { Fault } from '../plan/faults.ts';
import type { Injection } from './injection.ts';

type OfPlatform = Extract<Fault, { kind: 'vendor' | 'pause-connection' | 'edit-connection' }>;

export function injectIntoPlatform(fault: OfPlatform, injection: Injection): Promise<void> {
  const { world, progress, turns } = injection;
  if (fault.kind === 'vendor') {
    const { faults } = platformOf(injection, fault.platform).simulator;
    return turns.take(`platform ${fault.platform}`, async () => {
      const id = faults.add(fault.fault, fault.scope);
      await faults.settled();
      await progress.producedMore(fault.forPoints);
      faults.clear(id);
      await faults.settled();
    });
  }
  return turns.take(`connection ${fault.platform}`, async () => {
    const [connection] = world.connectionsTo(fault.platform);
    if (!connection) throw new RangeError(`no connection to ${fault.platform}`);
    const path = { connectionId: connection.id };
    const api = world.api('default');
    if (fault.kind === 'edit-connection') {
      await insistently(() =>
        api.change('/v1/connections/{connectionId}', { path }, ({ name, settings }) => ({
          name: `${name}, edited`,
          // Other settings are another adapter of the connection: what it was doing is broken off.
          settings: { schedules: { discover: discoveryOf(settings) === '29s' ? '31s' : '29s' } },
        })),
      );
      return;
    }
    await insistently(() => api.post('/v1/connections/{connectionId}:pause', { path }));
    await progress.producedMore(fault.forPoints);
    await insistently(() => api.post('/v1/connections/{connectionId}:resume', { path }));
  });
}

const discoveryOf = (settings: Record<string, unknown>): unknown =>
  (settings.schedules as { discover?: unknown } | undefined)?.discover;

function platformOf({ world }: Injection, name: string) {
  const platform = world.platforms.find((one) => one.platform === name);
  if (!platform) throw new RangeError(`there is no platform ${name}`);
  return platform;
}

/** The api may be away because of another fault. */
export async function insistently<T>(work: () => Promise<T>, attempts = 60): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}
