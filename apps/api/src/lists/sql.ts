/** Collects the parameters of one statement; text from outside never becomes part of the SQL. */
export class Parameters {
  readonly values: unknown[] = [];

  /** Placeholder of the value, cast to a Postgres type. */
  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

/** How a column travels in a cursor and is compared there. */
export type KeyType = 'text' | 'bigint' | 'integer' | 'timestamptz' | 'uuid';
