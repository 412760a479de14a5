import { readFileSync, writeFileSync } from 'node:fs';
import type { HoursOf } from './run-hours.ts';

/** What a run says of itself, for `docs/six-hours.md`. */
export interface HoursRun {
  seed: number;
  hours: number;
  /** What it said on its way: what was killed, and when. */
  said: readonly string[];
  results: readonly HoursOf[];
}

const PAGE = new URL('../../docs/six-hours.md', import.meta.url);
const RULES = { begin: '<!-- rules -->\n', end: '<!-- rules end -->' };

/** Writes a run into the page: the rules of each platform, and in the place of an earlier run with the same seed. */
export function writeRun(run: HoursRun): void {
  const marks = { begin: `<!-- seed ${run.seed} -->\n`, end: `<!-- seed ${run.seed} end -->` };
  const withRules = replaced(readFileSync(PAGE, 'utf8'), RULES, rulesOf(run));
  writeFileSync(PAGE, replaced(withRules, marks, sectionOf(run)));
}

/** What stands between the marks; where there are none they and it are added at the end. */
export function replaced(page: string, { begin, end }: { begin: string; end: string }, text: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) return `${page.trimEnd()}\n\n${begin}${text}${end}\n`;
  return `${page.slice(0, from)}${begin}${text}${page.slice(to)}`;
}

const rulesOf = ({ results }: HoursRun): string =>
  `\n${table(
    ['platform', 'may be fetched again'],
    results.map(({ platform, rule }) => [platform, rule]),
  )}\n`;

function sectionOf({ seed, hours, said, results }: HoursRun): string {
  const rows = results.map((one) => [
    one.platform,
    ...[one.produced, one.broken.length, one.told].map(inGroups),
    ...[one.answers, one.fetchedTwice.length].map(inGroups),
    ...[one.kills, one.repaired, one.marked, one.holes.length].map(inGroups),
    `${(100 * one.complete).toFixed(1)} %`,
  ]);
  const head = [
    ...['platform', 'points', 'lost or wrong', 'missing and told', 'answers with points', 'fetched twice'],
    ...['kills', 'repaired', 'marked', 'open', 'complete'],
  ];
  const kills = said.filter((line) => line.includes(' is killed '));
  return [
    `\n## Seed ${seed}, ${hours} hours\n`,
    `${table(head, rows)}`,
    `What was killed; a step is five minutes:\n`,
    ...kills.map((line) => `- ${line}`),
    '',
    '',
  ].join('\n');
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');

const inGroups = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
