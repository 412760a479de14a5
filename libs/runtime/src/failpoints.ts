import { setTimeout as delay } from 'node:timers/promises';

type Action = 'exit' | 'throw' | 'hang';

interface Armed {
  name: string;
  action: Action;
  /** Hits that are still to pass before it fires. */
  left: number;
}

const HANG_MS = 30_000;

const armed = parse(process.env.TRIBUTARY_FAILPOINT);

/**
 * A named place where a test may end, break or stop the process. `TRIBUTARY_FAILPOINT="after-seal:exit:2"` kills it
 * without any orderly stop when the place is reached for the second time; `throw` throws, `hang` waits 30 s.
 * Without the variable this costs one comparison and returns undefined.
 */
export function failpoint(name: string): Promise<void> | undefined {
  if (armed?.name !== name) return undefined;
  armed.left -= 1;
  if (armed.left !== 0) return undefined;
  if (armed.action === 'exit') process.kill(process.pid, 'SIGKILL');
  if (armed.action === 'hang') return delay(HANG_MS);
  throw new Error(`failpoint ${name}`);
}

function parse(text: string | undefined): Armed | undefined {
  const match = /^([a-z-]+):(exit|throw|hang)(?::([1-9]\d*))?$/.exec(text ?? '');
  return match ? { name: match[1] as string, action: match[2] as Action, left: Number(match[3] ?? 1) } : undefined;
}
