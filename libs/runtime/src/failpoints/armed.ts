import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type ArmedFailpoint, parseArming } from './arming.ts';
import type { Failpoint } from './registry.ts';

let armed: ArmedFailpoint | undefined = parseArming(process.env.TRIBUTARY_FAILPOINT ?? '');
let hits = 0;

/** A harness may arm another one while the process runs; the channel to it keeps nothing alive. */
process.on('message', (message: { failpoint?: unknown }) => {
  if (typeof message?.failpoint !== 'string') return;
  armed = parseArming(message.failpoint);
  hits = 0;
  say('armed', message.failpoint);
});
process.channel?.unref();

/**
 * What `node --conditions=failpoints` takes. Says each time that it fires, before it does: a test must be able to tell
 * that the place was reached.
 */
export const failpoint: Failpoint = (name) => {
  if (armed?.name !== name) return undefined;
  hits += 1;
  if (hits !== armed.hit) return undefined;
  const { action, hangMs } = armed;
  say('hit', name);
  if (action === 'exit') process.kill(process.pid, 'SIGKILL');
  if (action === 'hang') return delay(hangMs);
  throw new Error(`failpoint ${name}`);
};

/** At once and past every buffer: the next thing may be the end of the process. */
function say(what: 'armed' | 'hit', failpoint: string): void {
  writeSync(2, `${JSON.stringify({ msg: `failpoint ${what}`, failpoint })}\n`);
}
