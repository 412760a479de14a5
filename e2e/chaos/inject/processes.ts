import type { Fault } from '../plan/faults.ts';
import type { Injection } from './injection.ts';

type OfService = Extract<Fault, { kind: 'kill' | 'restart' | 'pause' | 'failpoint' | 'clock' }>;

/** Longest time in which a service must be ready again; the machine may be busy. */
const READY_MS = 180_000;

export function injectIntoService(fault: OfService, { world, progress, turns, made }: Injection): Promise<void> {
  return turns.take(fault.service, async () => {
    const service = world.house.get(fault.service);
    if (fault.kind === 'kill') await service.kill();
    if (fault.kind === 'restart') {
      // What cannot be brought to an end because something is away ends by itself, with another code than 0.
      if ((await service.stop()) === null)
        throw new Error(`${fault.service} had to be killed when it was asked to stop`);
    }
    if (fault.kind === 'kill' || fault.kind === 'restart') {
      await world.spawn(fault.service).ready(READY_MS);
      return;
    }
    if (fault.kind === 'failpoint') return endAt(fault, { world, progress, made });
    if (fault.kind === 'pause') {
      service.signal('SIGSTOP');
      await progress.producedMore(fault.forPoints);
      service.signal('SIGCONT');
      return;
    }
    world.shiftClock(fault.service, fault.offsetMs);
    await progress.producedMore(fault.forPoints);
    world.shiftClock(fault.service, 0);
  });
}

/** Ends at the named place, or goes on if it does not come by so soon. */
async function endAt(
  { service: name, place, hit, forPoints }: Extract<Fault, { kind: 'failpoint' }>,
  { world, progress, made }: Omit<Injection, 'turns'>,
): Promise<void> {
  const service = world.house.get(name);
  await service.arm(`${place}:exit:${hit}`);
  await Promise.race([service.exited, progress.producedMore(forPoints)]);
  // It may end while it is told not to.
  const goesOn =
    service.running &&
    (await service.arm('').then(
      () => true,
      () => false,
    ));
  if (goesOn) return;
  await service.kill();
  made.ended += 1;
  await world.spawn(name).ready(READY_MS);
}

/** Every service runs, with the right time: what left by itself is started again and told. */
export async function healServices({ world, turns }: Injection, names: readonly string[]): Promise<string[]> {
  const left: string[] = [];
  await Promise.all(
    names.map((name) =>
      turns.take(name, async () => {
        const service = world.house.get(name);
        service.signal('SIGCONT');
        world.shiftClock(name, 0);
        if (service.running) return;
        left.push(`${name} had left by itself: ${service.output.split('\n').slice(-3).join(' | ')}`);
        await world.spawn(name).ready(READY_MS);
      }),
    ),
  );
  return left;
}
