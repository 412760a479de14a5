import { parseArgs } from 'node:util';
import { missingPrograms } from '@tributary/testing/harness';
import { type CampaignResult, runCampaign } from './campaign.ts';
import { allKinds } from './plan/catalogue.ts';
import type { FaultKind } from './plan/faults.ts';
import { describeCounts } from './report.ts';

/**
 * `pnpm chaos [--seeds n | --seed s] [--faults kind,kind] [--count n] [--spacing points] [--keep]`: hurts the whole house
 * by plan and checks what it promises. Leaves with 0 when nothing was broken, 1 when something was, 2 when it cannot run.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    faults: { type: 'string' },
    count: { type: 'string' },
    spacing: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const began = performance.now();
const say = (text: string): void => print(`${((performance.now() - began) / 1_000).toFixed(1).padStart(7)} ${text}`);

function refuse(reason: string): never {
  process.stderr.write(`chaos: ${reason}\n`);
  process.exit(2);
}

function whole(name: 'seeds' | 'seed' | 'from' | 'count' | 'spacing'): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= 1 ? number : refuse(`--${name} must be a whole number from 1`);
}

function kindsOf(text: string | undefined): FaultKind[] | undefined {
  if (text === undefined) return undefined;
  const chosen = text.split(',');
  const unknown = chosen.filter((kind) => !allKinds.includes(kind as FaultKind));
  if (unknown.length > 0) refuse(`no kind of fault is called ${unknown.join(', ')}; there are ${allKinds.join(', ')}`);
  return chosen as FaultKind[];
}

const seed = whole('seed');
const first = whole('from') ?? 1;
const seeds = seed === undefined ? Array.from({ length: whole('seeds') ?? 1 }, (_, n) => first + n) : [seed];
const kinds = kindsOf(values.faults);
const [count, spacing] = [whole('count'), whole('spacing')];
const missing = missingPrograms();
if (missing.length > 0) refuse(`these packages are not installed: ${missing.join(', ')}`);

// Ctrl-C takes the house down in order: its services and servers would stay otherwise.
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort(new Error(signal)));

const results: (CampaignResult & { seed: number })[] = [];
const failures: string[] = [];
const options = {
  keep: values.keep,
  say,
  ...(kinds ? { kinds } : {}),
  ...(count === undefined ? {} : { faults: count }),
  ...(spacing === undefined ? {} : { spacing }),
};
for (const one of seeds) {
  if (interrupted.signal.aborted) break;
  try {
    const result = await runCampaign({ ...options, seed: one }, interrupted.signal);
    results.push({ ...result, seed: one });
    if (result.violations.length === 0) continue;
    failures.push(
      `seed ${one}: ${result.violations.map(({ invariant }) => invariant).join(', ')}; logs in ${result.logs}`,
    );
  } catch (error) {
    failures.push(`seed ${one}: the house did not stand: ${error instanceof Error ? error.message : String(error)}`);
  }
}

print('');
for (const { seed: one, counts } of results) print(`seed ${one}: ${describeCounts(counts)}`);
const again = process.argv
  .slice(2)
  .filter((word, n, all) => !/^--(seeds?|from)$/.test(word) && !/^--(seeds?|from)$/.test(all[n - 1] ?? ''));
for (const failure of failures) print(`FAILED ${failure}`);
for (const failure of failures)
  print(`again: pnpm chaos --seed ${/^seed (\d+)/.exec(failure)?.[1]} ${again.join(' ')}`.trim());
const held = results.filter(({ violations }) => violations.length === 0).length;
print(`${held} of ${seeds.length} seeds hold`);
process.exit(held === seeds.length ? 0 : 1);
