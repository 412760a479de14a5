import type { Json } from '@tributary/contracts';

const MAX_DEPTH = 32;

/**
 * True for what `JSON.parse` gives where the contract takes it over unchanged. False means doubt, not refusal: a number
 * that overflowed, a member named `__proto__`, or deep nesting.
 */
export function isSurelyJson(value: unknown, depth = 0): value is Json {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value);
    case 'string':
    case 'boolean':
      return true;
    case 'object':
      return value === null || (depth < MAX_DEPTH && holdsSurelyJson(value, depth + 1));
    default:
      return false;
  }
}

function holdsSurelyJson(value: object, depth: number): boolean {
  if (Array.isArray(value)) return value.every((member) => isSurelyJson(member, depth));
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__' || !isSurelyJson(member, depth)) return false;
  }
  return true;
}
