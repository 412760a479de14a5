import { badRequest } from './problem-error.ts';

/** Deeper bodies exhaust the stack of whatever walks them. */
const MAX_DEPTH = 64;

/**
 * Reads a JSON body. Throws 400 for what is no JSON, is nested too deeply, would change prototypes, or holds text that
 * no database column can keep (U+0000, lone surrogates). An empty body is none.
 */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  if (tooDeep(text)) throw invalid(`the body is nested more than ${MAX_DEPTH} deep`);
  const suspicious = /\\u(?:0000|d[89a-f])/i.test(text);
  try {
    return JSON.parse(text, (key, value: unknown) => {
      if (key === '__proto__') throw invalid('a member may not be named __proto__');
      if (suspicious) checkText(key, value);
      return value;
    });
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid('the body is not JSON');
    throw error;
  }
}

function checkText(key: string, value: unknown): void {
  for (const text of [key, value]) {
    if (typeof text === 'string' && (text.includes('\u0000') || !text.isWellFormed())) {
      throw invalid('text may not hold U+0000 or half a surrogate pair');
    }
  }
}

function tooDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charCodeAt(i);
    if (character === 0x22) i = endOfString(text, i);
    else if (character === 0x5b || character === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (character === 0x5d || character === 0x7d) depth -= 1;
  }
  return false;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i += 1) {
    const character = text.charCodeAt(i);
    if (character === 0x5c) i += 1;
    else if (character === 0x22) return i;
  }
  return text.length;
}

const invalid = (detail: string) => badRequest([{ pointer: '/body', detail }]);
