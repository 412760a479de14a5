import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '@tributary/testing/harness';
import { runCampaign } from '../chaos/campaign.ts';
import { BuildCopy } from './build-copy.ts';
import { type Judged, pageOf } from './log-page.ts';
import { type Mutant, mutants } from './mutants.ts';
import { Rig, type Violation } from './rig.ts';

const USAGE = `usage: pnpm chaos:mutants [--only <name>]… [--log] [--campaign <seed>]…

Each of the mistakes is built into a copy of the built services, and its plan is run on it and on the build as it is.
--campaign   runs what these seeds stand for on the mistake instead of its plan, until one of them catches it
--only   one of: ${mutants.map(({ name }) => name).join(', ')}
--log    writes docs/mutants.md`;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function run(plan: Mutant['plan'], root: string): Promise<Violation[]> {
  const rig = await Rig.make(root);
  try {
    return await plan(rig);
  } finally {
    await rig.remove(['acme', 'opticloud', 'ochno']);
  }
}

/** What `pnpm chaos` finds in a build with the mistake; the build as it is answers for itself there. */
async function judgeByCampaign({ name, edits }: Mutant, seeds: readonly number[]): Promise<boolean> {
  const copy = await BuildCopy.make(edits);
  try {
    for (const seed of seeds) {
      const began = performance.now();
      const { violations } = await runCampaign({ seed, root: copy.root });
      const seconds = Math.round((performance.now() - began) / 1_000);
      say(`${violations.length > 0 ? 'caught  ' : 'not seen'} ${name} by seed ${seed} in ${seconds} s`);
      for (const { invariant, count, examples } of violations)
        say(`         ${invariant}: ${count}, such as ${examples[0]}`);
      if (violations.length > 0) return true;
    }
    return false;
  } finally {
    await copy.remove();
  }
}

async function judge({ name, mistake, edits, plan }: Mutant): Promise<Judged> {
  const began = performance.now();
  const falseAlarms = await run(plan, repositoryRoot);
  const between = performance.now();
  const copy = await BuildCopy.make(edits);
  try {
    const violations = await run(plan, copy.root);
    const seconds = Math.round((performance.now() - between) / 100) / 10;
    return { name, mistake, falseAlarms, violations, seconds, wholeSeconds: Math.round((between - began) / 100) / 10 };
  } finally {
    await copy.remove();
  }
}

function tell({ name, falseAlarms, violations, seconds, wholeSeconds }: Judged): void {
  const verdict = violations.length > 0 ? 'caught  ' : 'SURVIVED';
  say(`${verdict} ${name} in ${seconds} s`);
  for (const { invariant, seen } of violations) say(`         ${invariant}: ${seen}`);
  if (falseAlarms.length === 0) say(`         without it, the plan holds (${wholeSeconds} s)`);
  for (const { invariant, seen } of falseAlarms) say(`         FALSE ALARM without it: ${invariant}: ${seen}`);
}

async function byCampaign(wanted: readonly Mutant[], seeds: readonly number[]): Promise<number> {
  let caught = 0;
  for (const mutant of wanted) if (await judgeByCampaign(mutant, seeds)) caught += 1;
  say(`${caught} of ${wanted.length} mutants are caught by the campaign`);
  return caught === wanted.length ? 0 : 1;
}

async function main(): Promise<number> {
  const many = { type: 'string', multiple: true } as const;
  const { values } = parseArgs({ options: { only: many, log: { type: 'boolean' }, campaign: many } });
  const wanted = mutants.filter(({ name }) => !values.only || values.only.includes(name));
  if (wanted.length === 0 || (values.only && wanted.length !== new Set(values.only).size)) {
    say(USAGE);
    return 2;
  }
  if (values.campaign) return byCampaign(wanted, values.campaign.map(Number));
  const judged: Judged[] = [];
  for (const mutant of wanted) {
    judged.push(await judge(mutant));
    tell(judged.at(-1) as Judged);
  }
  const good = judged.filter(({ violations, falseAlarms }) => violations.length > 0 && falseAlarms.length === 0);
  say(`${good.length} of ${judged.length} mutants are caught, and only they`);
  if (values.log) await writeFile(join(repositoryRoot, 'docs', 'mutants.md'), pageOf(judged, new Date()));
  return good.length === judged.length ? 0 : 1;
}

// Something that a plan has opened may still have a timer.
process.exit(await main());
