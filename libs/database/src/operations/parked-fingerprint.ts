import { createHash } from 'node:crypto';
import { base32, type ParkedProblem } from '@tributary/contracts';

/** What makes two faults the same. */
export interface FaultOutline {
  reason: string;
  problems: readonly ParkedProblem[];
  /** First word of the event's name, or what an adapter calls such items. */
  area?: string | undefined;
  platform?: string | undefined;
}

const ID = /\b[a-z]{3}_[a-z2-7]{16,}\b|\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b[0-9a-f]{16,}\b/gi;
const TIME = /\b\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?/g;
const NUMBER = /\(?\b\d+(?:[.,]\d+)*\b\)?/g;
/** The database's own code says what is wrong; every other number says where, or how much. */
const SQL_STATE = /^\(\d{5}\)$/;
const MAX_CHARACTERS = 300;

const normalised = (text: string): string =>
  text
    .slice(0, MAX_CHARACTERS)
    .replace(ID, '*')
    .replace(TIME, '*')
    .replace(NUMBER, (number) => (SQL_STATE.test(number) ? number : '#'))
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();

/** `/data/points/17/ts` and `/data/points/3/ts` are one place. */
const place = (path: string): string =>
  path
    .split('/')
    .map((segment) => (/^\d+$/.test(segment) ? '*' : normalised(segment)))
    .join('/');

/**
 * `fpr_` and 26 characters: the same for the same reason, area, platform and set of problems, whatever ids, numbers,
 * times, order and repetitions they come in.
 */
export function fingerprintOf({ reason, problems, area, platform }: FaultOutline): string {
  const faults = new Set(problems.map(({ path, problem }) => JSON.stringify([place(path), normalised(problem)])));
  const outline = JSON.stringify([reason, area ?? null, platform ?? null, [...faults].toSorted()]);
  return `fpr_${base32(createHash('sha256').update(outline).digest()).slice(0, 26)}`;
}
