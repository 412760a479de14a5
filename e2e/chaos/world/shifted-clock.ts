/**
 * Loaded into a service before anything of its own: its wall clock is off by what the file says, from SIGUSR2 on. The
 * monotonic clock stays as it is. The product knows nothing of this.
 */
import { existsSync, readFileSync } from 'node:fs';

const RealDate = Date;
const file = process.env.CHAOS_CLOCK_FILE ?? '';
let offsetMs = 0;

const read = (): void => {
  offsetMs = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
};

const shifted = (): number => RealDate.now() + offsetMs;

// One class for all: what was made before is still an instance.
globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(shifted()).toString(),
  construct: (target, given) =>
    (given.length === 0 ? new target(shifted()) : Reflect.construct(target, given)) as object,
  get: (target, name) => (name === 'now' ? shifted : Reflect.get(target, name, target)),
});

process.on('SIGUSR2', read);
read();
