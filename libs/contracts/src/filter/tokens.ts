import { FilterError } from './tree.ts';

export type Token =
  | { kind: 'word'; text: string; at: number }
  | { kind: 'string'; value: string; at: number }
  | { kind: 'number'; value: number; at: number }
  | { kind: '(' | ')' | '[' | ']' | 'end'; at: number };

const SPACE = /[ \t\r\n]+/y;
const WORD = /[A-Za-z][A-Za-z0-9_$:-]*(?:\.[A-Za-z0-9_$-]+)*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\.)*"/sy;
/** What may follow a number or a word without a space between. */
const BOUNDARY = /[ \t\r\n()[\]]|$/y;

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Splits a filter into tokens, ending with `end`. Throws `FilterError` at the first character that fits nothing. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += match(SPACE, text, at)?.length ?? 0;
    if (at >= text.length) return [...tokens, { kind: 'end', at }];
    const [token, length] = tokenAt(text, at);
    tokens.push(token);
    at += length;
  }
}

function tokenAt(text: string, at: number): [Token, number] {
  const character = text.charAt(at);
  if (character === '(' || character === ')' || character === '[' || character === ']') {
    return [{ kind: character, at }, 1];
  }
  if (character === '"') return stringAt(text, at);
  const word = match(WORD, text, at);
  if (word !== undefined) return [{ kind: 'word', text: word, at }, bounded(text, at, word)];
  const number = match(NUMBER, text, at);
  if (number !== undefined) return [{ kind: 'number', value: finite(number, at), at }, bounded(text, at, number)];
  throw new FilterError(`unexpected character ${JSON.stringify(character)}`, at);
}

function stringAt(text: string, at: number): [Token, number] {
  const raw = match(STRING, text, at);
  if (raw === undefined) throw new FilterError('the string has no closing quotation mark', at);
  let value: string;
  try {
    value = JSON.parse(raw) as string;
  } catch {
    throw new FilterError('the string is not a JSON string', at);
  }
  if (value.includes('\u0000')) throw new FilterError('a string may not hold U+0000', at);
  return [{ kind: 'string', value, at }, bounded(text, at, raw)];
}

function finite(text: string, at: number): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new FilterError('the number is out of range', at);
  return value;
}

function bounded(text: string, at: number, token: string): number {
  const end = at + token.length;
  if (match(BOUNDARY, text, end) === undefined) {
    throw new FilterError(`unexpected character ${JSON.stringify(text.charAt(end))}`, end);
  }
  return token.length;
}
