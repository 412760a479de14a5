import { checkedName, checkedTypeReference } from './names.ts';

/** A GraphQL request: text without a single value in it, and the values beside. */
export interface Document {
  operation: 'query' | 'mutation';
  query: string;
  variables: Record<string, unknown>;
}

/** Argument names of a field and the types that they are declared with. */
export type Arguments = Readonly<Record<string, string>>;

/** Collects the variables of one document while its fields are written. */
export class Operation {
  readonly #kind: Document['operation'];
  readonly #declared: string[] = [];
  readonly #values: Record<string, unknown> = {};

  constructor(kind: Document['operation']) {
    this.#kind = kind;
  }

  /** `name: $v0`, declared with the type that the schema gives the argument; nothing for a value that is undefined. */
  argument(name: string, value: unknown, types: Arguments): string[] {
    if (value === undefined) return [];
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) return [];
    const variable = `v${this.#declared.length}`;
    this.#declared.push(`$${variable}: ${checkedTypeReference(type)}`);
    this.#values[variable] = value;
    return [`${checkedName(name, 'argument')}: $${variable}`];
  }

  /** `alias: field(arguments) { selection }` */
  field(alias: string, name: string, args: string[], selection: string): string {
    const head = `${checkedName(alias, 'alias')}: ${checkedName(name, 'field')}`;
    const list = args.length > 0 ? `(${args.join(', ')})` : '';
    return selection === '' ? `${head}${list}` : `${head}${list} { ${selection} }`;
  }

  document(root: 'runtime' | 'streamData', fields: readonly string[]): Document {
    const declared = this.#declared.length > 0 ? `(${this.#declared.join(', ')})` : '';
    return {
      operation: this.#kind,
      query: `${this.#kind}${declared} { ${root} { ${fields.join(' ')} } }`,
      variables: this.#values,
    };
  }
}
