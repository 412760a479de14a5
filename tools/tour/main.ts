import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, TributaryError } from '@tributary/client';
import { stateFolder } from '../up/local-state.ts';
import { say } from '../up/progress.ts';
import { type Stop, TourProblem } from './stop.ts';
import * as commanding from './stops/commanding.ts';
import * as finding from './stops/finding.ts';
import * as following from './stops/following.ts';
import * as pushing from './stops/pushing.ts';
import * as reading from './stops/reading.ts';
import * as records from './stops/records.ts';

/**
 * Shows around in a house that is up, with its simulators. Leaves with 0 only if every answer is what the tour says.
 * `TRIBUTARY_URL` and `TRIBUTARY_KEY` name another house than the one of `npm run up`.
 */
const STOPS: Stop[] = [
  finding.arrival,
  finding.platforms,
  finding.connections,
  finding.devices,
  finding.spaces,
  reading.latest,
  reading.history,
  reading.aligned,
  reading.asDevice,
  commanding.lamp,
  commanding.heldOrder,
  records.found,
  records.everywhere,
  records.changed,
  records.users,
  records.files,
  following.events,
  pushing.webhook,
  following.nothingLost,
];

function kept(name: string): string {
  const file = join(stateFolder, name);
  if (!existsSync(file)) throw new TourProblem('no house is up: start one with npm run up');
  return readFileSync(file, 'utf8').trim();
}

async function tour(): Promise<void> {
  const { TRIBUTARY_URL: url = kept('address'), TRIBUTARY_KEY: key = kept('api-key') } = process.env;
  const tributary = createClient({ url, key });
  const show = (...words: unknown[]) => say(`  ${words.map(readable).join('  ')}`);
  for (const [index, { title, go }] of STOPS.entries()) {
    say(`\n${index + 1}. ${title}`);
    await go({ tributary, show });
  }
  say(`\n${STOPS.length} stops, and everything was as it should be.`);
}

const readable = (word: unknown): string => (typeof word === 'string' ? word : JSON.stringify(word));

try {
  await tour();
} catch (error) {
  const known = error instanceof TourProblem || error instanceof TributaryError;
  say(`\n✗ ${known ? error.message : (error as Error).stack}`);
  process.exitCode = 1;
}
