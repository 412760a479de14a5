import { say } from './progress.ts';

/** Why the set-up or the house ends although nothing went wrong. */
export class Interrupted extends Error {}

export const EXIT_INTERRUPTED = 130;

/** The group of the terminal and whoever forwards a signal may both send it: only a later one is a second wish. */
const SECOND_WISH_AFTER_MS = 1_000;

/** Aborts on Ctrl-C, on a signal to end, and when whoever started us is gone. A second Ctrl-C leaves at once. */
export function listenForInterruption(): AbortSignal {
  const controller = new AbortController();
  let since = 0;
  const interrupt = (reason: string) => {
    if (controller.signal.aborted) return;
    since = performance.now();
    controller.abort(new Interrupted(reason));
  };
  process.on('SIGINT', () => {
    if (!controller.signal.aborted) return interrupt('Ctrl-C');
    if (performance.now() - since < SECOND_WISH_AFTER_MS) return;
    say('Leaving at once; what is still running ends by itself within half a minute.');
    process.exit(EXIT_INTERRUPTED);
  });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(signal));
  process.once('disconnect', () => interrupt('the process that started this is gone'));
  process.channel?.unref();
  // A reader that has left (`| head`, a closed terminal) must not leave a house behind that nobody sees.
  process.stdout.on('error', () => interrupt('nobody reads the output'));
  return controller.signal;
}
