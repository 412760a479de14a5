import { setTimeout as pause } from 'node:timers/promises';
import { cpuOf } from './processes.ts';

const LOOK_MS = 200;
const LOOKS = 25;
const IDLE_US = 10_000;

/** What one contender left to do must not be counted against the next: waits until these are idle, 5 s at most. */
export async function quiet(pids: readonly number[]): Promise<void> {
  const used = () => pids.reduce((sum, pid) => sum + cpuOf(pid), 0);
  for (let look = 0, before = used(); look < LOOKS; look++) {
    await pause(LOOK_MS);
    const now = used();
    if (now - before <= IDLE_US) return;
    before = now;
  }
}
