import { isName } from '../dialect/names.ts';
import type { Arguments } from '../dialect/operation.ts';
import type { TypeReference, WireField, WireInputValue, WireType } from '../wire.ts';
import type { AttributeKind } from './model.ts';

export interface Unwrapped {
  name: string;
  kind: string;
  list: boolean;
  nonNull: boolean;
}

/** What is inside of lists and non-nulls. */
export function unwrap(type: TypeReference): Unwrapped {
  let [list, nonNull] = [false, false];
  let inner: TypeReference | null | undefined = type;
  for (let depth = 0; inner && (inner.kind === 'NON_NULL' || inner.kind === 'LIST'); depth++) {
    if (inner.kind === 'LIST') list = true;
    else if (depth === 0) nonNull = true;
    inner = inner.ofType;
  }
  return { name: inner?.name ?? '', kind: inner?.kind ?? '', list, nonNull };
}

/** A type reference as a document writes it. */
export function written(type: TypeReference): string {
  if (type.kind === 'NON_NULL') return `${type.ofType ? written(type.ofType) : ''}!`;
  if (type.kind === 'LIST') return `[${type.ofType ? written(type.ofType) : ''}]`;
  return type.name ?? '';
}

const KINDS: Record<string, AttributeKind> = {
  String: 'text',
  Boolean: 'boolean',
  Int: 'integer',
  Short: 'integer',
  Byte: 'integer',
  Long: 'long',
  Int64: 'long',
  BigInt: 'long',
  Float: 'number',
  Double: 'number',
  Decimal: 'number',
  DateTime: 'instant',
  DateTimeOffset: 'instant',
  Timestamp: 'instant',
  ID: 'id',
  OctoObjectId: 'id',
};

export const kindOf = ({ kind, name }: Pick<Unwrapped, 'kind' | 'name'>): AttributeKind =>
  kind === 'ENUM' ? 'enum' : kind === 'SCALAR' ? (KINDS[name] ?? 'other') : 'other';

/** The types of an introspected schema by name. Members whose name no document may hold are passed over. */
export class TypeMap {
  readonly #types: ReadonlyMap<string, WireType>;

  constructor(types: readonly WireType[]) {
    this.#types = new Map(types.map((type) => [type.name, type]));
  }

  get(name: string): WireType | undefined {
    return this.#types.get(name);
  }

  fields(type: string): WireField[] {
    return (this.#types.get(type)?.fields ?? []).filter(({ name }) => isName(name));
  }

  field(type: string, name: string): WireField | undefined {
    return this.fields(type).find((field) => field.name === name);
  }

  /** Members of an input type. */
  inputs(type: string | undefined): WireInputValue[] {
    return type === undefined ? [] : (this.#types.get(type)?.inputFields ?? []).filter(({ name }) => isName(name));
  }

  input(type: string | undefined, name: string): WireInputValue | undefined {
    return this.inputs(type).find((input) => input.name === name);
  }

  enumValues(type: string): string[] | undefined {
    return this.#types.get(type)?.enumValues?.map(({ name }) => name);
  }

  possible(type: string): string[] {
    return (this.#types.get(type)?.possibleTypes ?? []).map(({ name }) => name);
  }

  isLeaf({ kind }: Pick<Unwrapped, 'kind'>): boolean {
    return kind === 'SCALAR' || kind === 'ENUM';
  }
}

export const argumentsOf = (field: WireField): Arguments =>
  Object.fromEntries(field.args.filter(({ name }) => isName(name)).map(({ name, type }) => [name, written(type)]));

/** Name of an argument's input type. */
export function argumentType(field: WireField | undefined, name: string): string | undefined {
  const found = field?.args.find((argument) => argument.name === name);
  return found && unwrap(found.type).name;
}
