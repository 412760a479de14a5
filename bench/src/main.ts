import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { missingPrograms, repositoryRoot } from '@tributary/testing/harness';
import { chainBench } from './chain/chain-bench.ts';
import { facadeBench } from './facade/facade-bench.ts';
import { freshnessBench } from './freshness/freshness-bench.ts';
import { ingestBench } from './ingest/ingest-bench.ts';
import { startBacking } from './measuring/backing.ts';
import type { Bench } from './measuring/bench.ts';
import { replaceSection } from './measuring/page.ts';
import { outageBench } from './outage/outage-bench.ts';
import { failFastBench } from './services/fail-fast-bench.ts';
import { servicesBench } from './services/services-bench.ts';

/**
 * `pnpm bench [name…] [--quick] [--profile <folder>]`: measures beside bare baselines. A full run writes its part of
 * docs/performance.md; a quick one only prints. Fails when anything that was sent was lost.
 */
const benches: readonly Bench[] = [
  ingestBench,
  freshnessBench,
  chainBench,
  facadeBench,
  servicesBench,
  failFastBench,
  outageBench,
];
const PAGE = join(repositoryRoot, 'docs', 'performance.md');

const { positionals: names, values } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, profile: { type: 'string' } },
});
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}; there are ${benches.map((b) => b.name).join(', ')}`);
  process.exit(2);
}
const missing = missingPrograms();
if (missing.length > 0) {
  console.error(`these packages are not installed: ${missing.join(', ')}`);
  process.exit(2);
}
const profiles = values.profile ? resolve(values.profile) : undefined;
if (profiles) mkdirSync(profiles, { recursive: true });

const wanted = benches.filter((bench) => names.length === 0 || names.includes(bench.name));
for (const bench of wanted) {
  console.log(`\n== ${bench.name}`);
  const backing = await startBacking();
  const interrupted = () => void backing.remove().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const { text } = await bench.run({ backing, quick: values.quick, say: (line) => console.log(line), profiles });
    const page = `Measured ${new Date().toISOString().slice(0, 10)} on ${machine()}; ${backing.versions}.\n\n${text}`;
    console.log(`\n${page}\n`);
    if (!values.quick && !profiles) writeFileSync(PAGE, replaceSection(readFileSync(PAGE, 'utf8'), bench.name, page));
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await backing.remove();
  }
}
if (wanted.some((bench) => [ingestBench, freshnessBench, chainBench, outageBench].includes(bench)))
  console.log('Nothing that was sent was lost, and nothing was stored twice.');

function machine(): string {
  return `${availableParallelism()} cores, ${Math.round(totalmem() / 1024 ** 3)} GB of memory`;
}
