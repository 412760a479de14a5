import { cpus } from 'node:os';
import type { Violation } from './rig.ts';

/** What came of one mutant. */
export interface Judged {
  name: string;
  mistake: string;
  /** Of the build as it is, under the same plan. */
  falseAlarms: readonly Violation[];
  violations: readonly Violation[];
  /** With the mistake, its copy of the build included; and without it. */
  seconds: number;
  wholeSeconds: number;
}

const list = (violations: readonly Violation[], none: string): string =>
  violations.map(({ invariant, seen }) => `${invariant}: ${seen}`).join('<br>') || none;

/** The page docs/mutants.md. */
export function pageOf(judged: readonly Judged[], at: Date): string {
  const caught = judged.filter(({ violations }) => violations.length > 0).length;
  const rows = judged.map(
    ({ name, mistake, violations, falseAlarms, seconds, wholeSeconds }) =>
      `| \`${name}\` | ${mistake} | ${list(violations, '**survived**')} | ${seconds} | ${list(falseAlarms, 'holds')} (${wholeSeconds} s) |`,
  );
  return `# Mutants

Tests that cannot fail show nothing. Each of these mistakes was built into a copy of the built services, as one exact text that stands for another, and run under a plan of its own: real Postgres, RabbitMQ and Redis, one fault. It is caught when an invariant breaks; the same plan must hold for the build as it is. \`pnpm chaos:mutants\` runs them all, \`--only <name>\` one; the mistakes are in \`e2e/mutants/mutants.ts\`, the plans in \`e2e/mutants/plans\`. The plans hold no chance: a schedule of faults is written out in each, so there is no seed to tell.

Last whole run: ${at.toISOString().slice(0, 10)}, ${cpus().length} cores, **${caught} of ${judged.length} caught**.

| mutant | the mistake | caught by | seconds | without it, the plan |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
