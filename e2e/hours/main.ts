import { parseArgs } from 'node:util';
import { runHours } from './run-hours.ts';

/**
 * `pnpm hours [--hours n] [--seed n]`: hours of simulated time in minutes, default six, with kills that follow from the
 * seed. Leaves with 0 when everything is stored or said to be missing and nothing was fetched twice, else with 1.
 */
const { values } = parseArgs({
  options: { hours: { type: 'string', default: '6' }, seed: { type: 'string' } },
});

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
const began = performance.now();
say(`seed ${seed}, ${values.hours} hours`);
let failed = false;
for (const { broken, holes, fetchedTwice, complete, ...rest } of await runHours({
  hours: Number(values.hours),
  seed,
  say,
})) {
  say(JSON.stringify({ ...rest, complete: Number(complete.toFixed(4)) }));
  for (const one of [...broken, ...holes, ...fetchedTwice].slice(0, 10)) say(`  ${JSON.stringify(one)}`);
  failed ||= broken.length + holes.length + fetchedTwice.length > 0;
}
say(
  `${failed ? 'broken' : 'kept'} after ${((performance.now() - began) / 1_000).toFixed(0)} s; again with --seed ${seed}`,
);
process.exitCode = failed ? 1 : 0;
