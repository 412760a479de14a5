import { MalformedResponseError } from '@tributary/contracts';
import type { z } from 'zod';

/** `platformCode` of an answer that is JSON, and not what the platform's documents say. */
export const DOES_NOT_FIT = 'does-not-fit';
const SHOWN_ISSUES = 5;
const SUSPECT = /"(?:_|\\u005[fF]){2}|"c(?:onstructor|\\u)|\\u00(?:5[fF]|63)/;

/** Removes keys that become traps once an object is merged into another; the vendor's other keys stay. */
function disarm(root: unknown): void {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__');
    const made: unknown = Object.hasOwn(value, 'constructor') ? Reflect.get(value, 'constructor') : undefined;
    if (typeof made === 'object' && made !== null && Object.hasOwn(made, 'prototype')) {
      Reflect.deleteProperty(value, 'constructor');
    }
    for (const inner of Object.values(value)) open.push(inner);
  }
}

/** `JSON.parse` for text from outside. Throws `MalformedResponseError` that repeats nothing of the text. */
export function parseJson(operation: string, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch {
    const what = text.trim() === '' ? 'empty' : text.trimStart().startsWith('<') ? 'HTML or XML' : 'not JSON';
    throw new MalformedResponseError(`${operation}: expected JSON, the answer is ${what}`);
  }
  if (SUSPECT.test(text)) disarm(value);
  return value;
}

/** Where a value does not fit, by path and kind of problem, never by value. */
export function problemsOf(error: z.ZodError): string {
  const shown = error.issues.slice(0, SHOWN_ISSUES).map((issue) => {
    const path = issue.path.map((part) => String(part).slice(0, 40)).join('.') || '(all)';
    return `${path} (${issue.code})`;
  });
  const more = error.issues.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** Parses and validates. Throws `MalformedResponseError` naming the operation and the paths that do not fit. */
export function parseWith<S extends z.ZodType>(operation: string, schema: S, text: string): z.output<S> {
  const value = parseJson(operation, text);
  let parsed: z.ZodSafeParseResult<z.output<S>>;
  try {
    parsed = schema.safeParse(value);
  } catch (error) {
    // Nesting deep enough to exhaust the stack.
    if (error instanceof RangeError) throw new MalformedResponseError(`${operation}: the answer is nested too deeply`);
    throw error;
  }
  if (parsed.success) return parsed.data;
  throw new MalformedResponseError(`${operation}: the answer does not fit at ${problemsOf(parsed.error)}`, {
    platformCode: DOES_NOT_FIT,
  });
}
