import { findBacking } from './backing/find.ts';
import { run } from './command.ts';
import { EXIT_INTERRUPTED, Interrupted, listenForInterruption } from './interruption.ts';
import { SetupProblem, say } from './progress.ts';

const USAGE = `npm run up [-- --logs [service …]]   everything, with simulators; Ctrl-C stops it
           [-- --built]               the same with what is built already
npm test [-- jest arguments]         everything that can be checked`;

const EXIT_USAGE = 64;
const BUILT = '--built';
const BUILD_DEADLINE_MS = 10 * 60_000;

/** Turbo's own chatter stays in its output, which is shown when a build fails. */
const turboEnv = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };

async function main(signal: AbortSignal): Promise<number> {
  const [command, ...args] = process.argv.slice(2);
  if (command !== 'up' && command !== 'test') {
    say(USAGE);
    return EXIT_USAGE;
  }
  say('Preparing');
  const backing = await findBacking(process.env, { signal });
  for (const { name, where } of backing.found) say(`  ✓ ${name}: ${where}`);
  try {
    // Tests start a house while others run what is built: it must not be written anew under them.
    const built = args.includes(BUILT);
    const build = { env: turboEnv, signal, deadlineMs: BUILD_DEADLINE_MS };
    if (!built) await run('build', 'turbo', ['run', 'build', '--output-logs=new-only'], build);
    // What follows imports the packages that the build has just made.
    if (command === 'test') return await (await import('./run-tests.ts')).runTests(backing.urls, { args, signal });
    return await (await import('./run-house.ts')).runHouse(backing, {
      args: args.filter((arg) => arg !== BUILT),
      signal,
    });
  } finally {
    await backing.stop();
  }
}

try {
  process.exitCode = await main(listenForInterruption());
} catch (error) {
  process.exitCode = error instanceof Interrupted ? EXIT_INTERRUPTED : 1;
  if (error instanceof Interrupted) say(`\nStopped before the end: ${error.message}. Nothing is left running.`);
  else say(error instanceof SetupProblem ? `\n${error.message}` : `\n${(error as Error).stack}`);
}
// Idle connections to services that have just been stopped are no reason to stay.
process.exit();
