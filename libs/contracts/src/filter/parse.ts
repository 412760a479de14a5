import { type Token, tokenize } from './tokens.ts';
import { type CompareOperator, compareOperators, type Filter, FilterError, type FilterValue } from './tree.ts';

/** Longest text, deepest nesting and greatest number of comparisons that are read. */
export const FILTER_LIMITS = { characters: 4_000, depth: 20, comparisons: 50 } as const;

const WORD_VALUES: Record<string, FilterValue> = { true: true, false: false, null: null };

/**
 * Reads the SCIM filter language (RFC 7644 section 3.4.2.2): `status eq "Active" and not (capacity lt 100)`. `and` binds
 * tighter than `or`; operators are case-insensitive. Throws `FilterError` with the position of the first fault.
 */
export function parseFilter(text: string): Filter {
  if (text.length > FILTER_LIMITS.characters) {
    throw new FilterError(`a filter has at most ${FILTER_LIMITS.characters} characters`, FILTER_LIMITS.characters);
  }
  const parser = new Parser(tokenize(text));
  const filter = parser.either(0);
  parser.expectEnd();
  return filter;
}

class Parser {
  readonly #tokens: Token[];
  #next = 0;
  #comparisons = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  either(depth: number): Filter {
    const parts = [this.#both(depth)];
    while (this.#takeWord('or')) parts.push(this.#both(depth));
    return joined('or', parts);
  }

  expectEnd(): void {
    const token = this.#peek();
    if (token.kind !== 'end')
      throw new FilterError(`expected and, or, or the end, but found ${shown(token)}`, token.at);
  }

  #both(depth: number): Filter {
    const parts = [this.#single(depth)];
    while (this.#takeWord('and')) parts.push(this.#single(depth));
    return joined('and', parts);
  }

  #single(depth: number): Filter {
    const token = this.#take();
    if (depth >= FILTER_LIMITS.depth) {
      throw new FilterError(`a filter is nested at most ${FILTER_LIMITS.depth} deep`, token.at);
    }
    if (token.kind === '(') return this.#closed(')', depth);
    if (token.kind !== 'word') throw new FilterError(`expected a field, not or (, but found ${shown(token)}`, token.at);
    if (token.text.toLowerCase() === 'not' && this.#peek().kind === '(') {
      this.#take();
      return { kind: 'not', part: this.#closed(')', depth) };
    }
    return this.#onField(token.text, token.at, depth);
  }

  #closed(bracket: ')' | ']', depth: number): Filter {
    const inner = this.either(depth + 1);
    const token = this.#take();
    if (token.kind !== bracket) throw new FilterError(`expected ${bracket}, but found ${shown(token)}`, token.at);
    return inner;
  }

  #onField(field: string, at: number, depth: number): Filter {
    this.#count(at);
    const token = this.#take();
    if (token.kind === '[') return { kind: 'within', field, part: this.#closed(']', depth), at };
    const operator = token.kind === 'word' ? token.text.toLowerCase() : '';
    if (operator === 'pr') return { kind: 'present', field, at };
    if (!isOperator(operator)) {
      const known = [...compareOperators, 'pr'].join(', ');
      throw new FilterError(`expected one of ${known}, but found ${shown(token)}`, token.at);
    }
    return { kind: 'compare', field, operator, value: this.#value(), at };
  }

  #value(): FilterValue {
    const token = this.#take();
    if (token.kind === 'string' || token.kind === 'number') return token.value;
    if (token.kind === 'word' && Object.hasOwn(WORD_VALUES, token.text)) return WORD_VALUES[token.text] as FilterValue;
    throw new FilterError(
      `expected a string in quotation marks, a number, true, false or null, but found ${shown(token)}`,
      token.at,
    );
  }

  #count(at: number): void {
    this.#comparisons += 1;
    if (this.#comparisons > FILTER_LIMITS.comparisons) {
      throw new FilterError(`a filter has at most ${FILTER_LIMITS.comparisons} comparisons`, at);
    }
  }

  #takeWord(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'word' || token.text.toLowerCase() !== word) return false;
    this.#next += 1;
    return true;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', at: 0 };
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }
}

const isOperator = (text: string): text is CompareOperator => (compareOperators as readonly string[]).includes(text);

/** One part stands for itself; parts of the same kind become one list, so that equal meanings have one tree. */
function joined(kind: 'and' | 'or', parts: Filter[]): Filter {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.parts : [part]));
  const [only] = flat;
  return flat.length === 1 && only ? only : { kind, parts: flat };
}

function shown(token: Token): string {
  if (token.kind === 'end') return 'the end';
  if (token.kind === 'word') return JSON.stringify(token.text.slice(0, 40));
  if (token.kind === 'string') return 'a string';
  if (token.kind === 'number') return 'a number';
  return JSON.stringify(token.kind);
}
