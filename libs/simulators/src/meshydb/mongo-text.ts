/** Text that is no MongoDB expression. */
export class MongoTextError extends Error {
  override readonly name = 'MongoTextError';
}

/** `ObjectId("…")` or `{"$oid": "…"}`: 24 hex digits in lower case. */
export class ObjectIdValue {
  constructor(readonly hex: string) {}
}

const DEEPEST = 100;
const SPACE = /[\s\uFEFF]*/y;
/** As in JSON5. */
const NAME = /[\p{ID_Start}\p{L}_$][\p{ID_Continue}\p{L}$\u200c\u200d]*/uy;
const NUMBER = /-?(?:Infinity\b|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w$.]))/y;
const DOUBLE_QUOTED = /"((?:[^"\\\n\r]|\\[\s\S])*)"/y;
const SINGLE_QUOTED = /'((?:[^'\\\n\r]|\\[\s\S])*)'/y;
const REGEX = /\/((?:[^/\\\n\r[]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])+)\/([a-z]*)/y;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g;
const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '0': '\0' };
const WORDS: Record<string, unknown> = { true: true, false: false, null: null, NaN: Number.NaN, Infinity };

/**
 * Reads MongoDB's relaxed JSON: keys without quotes, either quotes, regular expressions between slashes,
 * `ObjectId("…")`, `ISODate("…")`, `NumberLong(…)` and the extended forms such as `{"$oid": "…"}`. It is a form of data,
 * not a language: nothing in it is ever run. Throws MongoTextError.
 */
export function parseMongoText(text: string): unknown {
  return new Reader(text).all();
}

class Reader {
  #at = 0;

  constructor(private readonly text: string) {}

  all(): unknown {
    const value = this.#value(1);
    this.#take(SPACE);
    if (this.#at < this.text.length) throw this.#unexpected();
    return value;
  }

  #value(depth: number): unknown {
    if (depth > DEEPEST) throw new MongoTextError('nested too deeply');
    this.#take(SPACE);
    const next = this.text[this.#at];
    if (next === '{') return extended(this.#object(depth));
    if (next === '[') return this.#array(depth);
    if (next === '"' || next === "'") return this.#string();
    if (next === '/') return this.#regex();
    const number = this.#take(NUMBER);
    return number ? Number(number[0]) : this.#word(depth);
  }

  #object(depth: number): Record<string, unknown> {
    const members = new Map<string, unknown>();
    this.#expect('{');
    while (!this.#next('}')) {
      const name = this.#name();
      this.#expect(':');
      if (members.has(name)) throw new MongoTextError(`${name} is there twice`);
      members.set(name, this.#value(depth + 1));
      if (!this.#next(',')) {
        this.#expect('}');
        break;
      }
    }
    return Object.fromEntries(members);
  }

  #array(depth: number): unknown[] {
    const items: unknown[] = [];
    this.#expect('[');
    while (!this.#next(']')) {
      items.push(this.#value(depth + 1));
      if (!this.#next(',')) {
        this.#expect(']');
        break;
      }
    }
    return items;
  }

  #name(): string {
    this.#take(SPACE);
    const name = this.#take(NAME)?.[0] ?? this.#string();
    if (name === '__proto__') throw new MongoTextError('__proto__ is no name');
    return name;
  }

  #string(): string {
    this.#take(SPACE);
    const found = this.#take(DOUBLE_QUOTED) ?? this.#take(SINGLE_QUOTED);
    if (!found) throw this.#unexpected();
    return (found[1] ?? '').replace(ESCAPE, (_all, u?: string, x?: string, one = '') => {
      const code = u ?? x;
      return code === undefined ? (ESCAPES[one] ?? one) : String.fromCharCode(Number.parseInt(code, 16));
    });
  }

  #regex(): RegExp {
    const found = this.#take(REGEX);
    if (!found) throw this.#unexpected();
    return regExp(found[1] ?? '', found[2] ?? '');
  }

  /** A constant, or one of the shell's constructors. */
  #word(depth: number): unknown {
    const start = this.#at;
    let name = this.#take(NAME)?.[0];
    if (name === 'new') {
      this.#take(SPACE);
      name = this.#take(NAME)?.[0];
    } else if (name !== undefined && Object.hasOwn(WORDS, name)) return WORDS[name];
    const make = name !== undefined && Object.hasOwn(CONSTRUCTORS, name) ? CONSTRUCTORS[name] : undefined;
    if (!make) {
      this.#at = start;
      throw this.#unexpected();
    }
    this.#expect('(');
    const argument = this.#next(')') ? undefined : this.#value(depth + 1);
    if (argument !== undefined) this.#expect(')');
    return make(argument);
  }

  #next(sign: string): boolean {
    this.#take(SPACE);
    if (this.text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#next(sign)) throw this.#unexpected();
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #unexpected(): MongoTextError {
    return new MongoTextError(
      this.#at < this.text.length ? `unexpected ${this.text[this.#at]} at ${this.#at}` : 'unexpected end',
    );
  }
}

const CONSTRUCTORS: Record<string, (argument: unknown) => unknown> = {
  ObjectId: objectId,
  ISODate: date,
  Date: date,
  NumberLong: wholeNumber,
  NumberInt: wholeNumber,
  NumberDecimal: number,
};

const EXTENDED: Record<string, (argument: unknown) => unknown> = {
  $oid: objectId,
  $date: date,
  $numberLong: wholeNumber,
  $numberInt: wholeNumber,
  $numberDouble: number,
  $numberDecimal: number,
};

/** `{"$oid": "…"}` and its like are values, not objects. */
function extended(object: Record<string, unknown>): unknown {
  const [name, ...others] = Object.keys(object);
  if (name === undefined || !Object.hasOwn(EXTENDED, name)) return object;
  if (others.length > 0) throw new MongoTextError(`${name} stands alone`);
  return EXTENDED[name]?.(object[name]);
}

function objectId(argument: unknown): ObjectIdValue {
  if (typeof argument !== 'string' || !/^[0-9a-f]{24}$/i.test(argument))
    throw new MongoTextError('an object id has 24 hex digits');
  return new ObjectIdValue(argument.toLowerCase());
}

const ISO_DATE = /^[+-]?\d{4,6}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

function date(argument: unknown): Date {
  const isText = typeof argument === 'string' && ISO_DATE.test(argument);
  const made = new Date(isText || typeof argument === 'number' ? argument : Number.NaN);
  if (Number.isNaN(made.getTime())) throw new MongoTextError('not a date');
  return made;
}

function wholeNumber(argument: unknown): number {
  const made = number(argument);
  if (!Number.isInteger(made)) throw new MongoTextError('not a whole number');
  return made;
}

function number(argument: unknown): number {
  const made = typeof argument === 'string' && argument.trim() !== '' ? Number(argument) : argument;
  if (typeof made !== 'number' || (Number.isNaN(made) && argument !== 'NaN')) throw new MongoTextError('not a number');
  return made;
}

/** The database's options are i, m, s and x; JavaScript has no x. Throws MongoTextError. */
export function regExp(source: string, options: string): RegExp {
  if (!/^[ims]*$/.test(options)) throw new MongoTextError(`regular expressions have no option ${options}`);
  try {
    return new RegExp(source, [...new Set(options)].join(''));
  } catch (error) {
    throw new MongoTextError('not a regular expression', { cause: error });
  }
}
