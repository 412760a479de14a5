import { hash } from 'node:crypto';
import { z } from 'zod';
import { badRequest } from '../http/problem-error.ts';

/**
 * Where reading a source goes on. `at` is the platform's own cursor of the page to read, absent for the first. Where
 * only a part of that page was given, `passed` marks the last records that were.
 */
export interface Place {
  at?: string;
  passed?: string[];
}

/** `done`: it has nothing more. `lost`: it failed while records were merged in order, and is no part of that any more. */
export type Position = Place | 'done' | 'lost';

/** A record of those passed is enough to know the place; several, because some may be removed meanwhile. */
const MARKS = 5;

export const markOf = (nativeId: string): string => hash('sha256', nativeId, 'base64url').slice(0, 8);

export const marksOf = (passed: readonly { nativeId: string }[]): string[] =>
  passed.slice(-MARKS).map(({ nativeId }) => markOf(nativeId));

/**
 * How many records of a page were given already. Where all that are known to have been are gone, none: a record that
 * comes twice does less harm than one that never comes.
 */
export function passedIn(records: readonly { nativeId: string }[], { passed = [] }: Place): number {
  const marks = records.map(({ nativeId }) => markOf(nativeId));
  const last = passed.findLast((mark) => marks.includes(mark));
  return last === undefined ? 0 : marks.lastIndexOf(last) + 1;
}

const VERSION = 1;
const DONE = 0;
const LOST = 1;
const mark = z.string().regex(/^[A-Za-z0-9_-]{8}$/);
const platformCursor = z
  .string()
  .min(1)
  .max(5_000)
  .refine((text) => !text.includes('\u0000'));
const stored = z.union([
  z.literal(DONE),
  z.literal(LOST),
  z.tuple([platformCursor.nullable(), z.array(mark).max(MARKS)]),
]);
const payload = z.tuple([z.literal(VERSION), z.string(), z.array(z.tuple([mark, stored])).max(1_000)]);

/** Opaque text; holds where each source stands, in their order, and what was asked. */
export function writePositions(binding: string, positions: Iterable<[key: string, Position]>): string {
  const entries = [...positions].map(([key, position]) => [markOf(key), storedOf(position)]);
  return Buffer.from(JSON.stringify([VERSION, binding, entries])).toString('base64url');
}

/** Where sources stand, by the marks of their keys, in their order. Throws 400 for a cursor of another question. */
export function readPositions(cursor: string, binding: string): ReadonlyMap<string, Position> {
  const parsed = payload.safeParse(decoded(cursor));
  if (!parsed.success) throw invalid('This is no cursor of this list.');
  const [, boundTo, entries] = parsed.data;
  if (boundTo !== binding)
    throw invalid('The cursor belongs to another question; all but the cursor must be the same.');
  return new Map(entries.map(([key, value]) => [key, positionOf(value)]));
}

const storedOf = (position: Position): z.output<typeof stored> => {
  if (position === 'done') return DONE;
  return position === 'lost' ? LOST : [position.at ?? null, position.passed ?? []];
};

function positionOf(value: z.output<typeof stored>): Position {
  if (value === DONE) return 'done';
  if (value === LOST) return 'lost';
  const [at, passed] = value;
  return { ...(at === null ? {} : { at }), ...(passed.length > 0 ? { passed } : {}) };
}

function decoded(cursor: string): unknown {
  if (!/^[A-Za-z0-9_-]+$/.test(cursor)) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    // Not JSON: not ours.
    return undefined;
  }
}

const invalid = (detail: string) => badRequest([{ pointer: '/body/cursor', detail }]);
