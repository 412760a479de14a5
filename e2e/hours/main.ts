import { parseArgs } from 'node:util';
import { writeRun } from './page.ts';
import { runHours } from './run-hours.ts';

/**
 * `pnpm hours [--hours n] [--seed n] [--log]`: hours of simulated time in minutes, default six, with kills that follow from
 * the seed; `--log` writes what came of it into docs/six-hours.md. Leaves with 0 when everything is stored or said to be
 * missing and nothing was fetched twice, else with 1.
 */
const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '6' },
    seed: { type: 'string' },
    log: { type: 'boolean', default: false },
  },
});

const began = performance.now();
const said: string[] = [];
const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const say = (text: string): void => {
  said.push(text);
  print(`${((performance.now() - began) / 1_000).toFixed(0).padStart(5)} ${text}`);
};
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
const hours = Number(values.hours);
print(`seed ${seed}, ${hours} hours`);
const results = await runHours({ hours, seed, say });
let failed = false;
for (const { broken, holes, fetchedTwice, complete, rule: _, ...rest } of results) {
  print(JSON.stringify({ ...rest, complete: Number(complete.toFixed(4)), twice: fetchedTwice.length }));
  for (const one of [...broken, ...holes, ...fetchedTwice].slice(0, 10)) print(`  ${JSON.stringify(one)}`);
  failed ||= broken.length + holes.length + fetchedTwice.length > 0;
}
if (values.log && !failed) writeRun({ seed, hours, said, results });
const seconds = ((performance.now() - began) / 1_000).toFixed(0);
print(`${failed ? 'broken' : 'kept'} after ${seconds} s; again with --seed ${seed}`);
process.exitCode = failed ? 1 : 0;
