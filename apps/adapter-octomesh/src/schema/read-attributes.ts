import type { WireField, WireInputValue } from '../wire.ts';
import type { Attribute, WriteRule } from './model.ts';
import { kindOf, type TypeMap, unwrap } from './type-map.ts';

/** Structures within structures are read this deep. */
const MAX_DEPTH = 2;
const LOGICAL = new Set(['AND', 'OR']);

export interface AttributeInputs {
  filterType: string | undefined;
  orderType: string | undefined;
  /** Input types that a create and an update take attributes in. */
  createType?: string | undefined;
  updateType?: string | undefined;
}

/** A field is an attribute if its values can be selected without arguments. */
export function readAttribute(field: WireField, types: TypeMap, inputs: AttributeInputs): Attribute | undefined {
  const selection = selectionOf(field, types, 0);
  if (selection === undefined) return undefined;
  const type = unwrap(field.type);
  const enumValues = type.kind === 'ENUM' ? types.enumValues(type.name) : undefined;
  const write = writeRule(field.name, types, inputs);
  return {
    name: field.name,
    ...(field.description ? { description: field.description } : {}),
    kind: type.list ? 'other' : kindOf(type),
    list: type.list,
    nonNull: type.nonNull,
    ...(enumValues ? { enumValues } : {}),
    selection,
    operators: operatorsOf(inputs.filterType, field.name, types),
    sortable: types.input(inputs.orderType, field.name) !== undefined,
    ...(write ? { write } : {}),
  };
}

/** Operators that a filter's member offers. */
export function operatorsOf(filterType: string | undefined, name: string, types: TypeMap): ReadonlySet<string> {
  const member = types.input(filterType, name);
  if (!member || LOGICAL.has(name)) return new Set();
  return new Set(types.inputs(unwrap(member.type).name).map((operator) => operator.name));
}

function selectionOf(field: WireField, types: TypeMap, depth: number): string | undefined {
  if (field.args.some(({ type, defaultValue }) => type.kind === 'NON_NULL' && defaultValue == null)) return undefined;
  const type = unwrap(field.type);
  if (types.isLeaf(type)) return field.name;
  if (type.kind !== 'OBJECT' || depth >= MAX_DEPTH || types.field(type.name, 'items')) return undefined;
  const inner = types.fields(type.name).flatMap((member) => selectionOf(member, types, depth + 1) ?? []);
  return inner.length > 0 ? `${field.name} { ${inner.join(' ')} }` : undefined;
}

function writeRule(name: string, types: TypeMap, { createType, updateType }: AttributeInputs): WriteRule | undefined {
  const onCreate = types.input(createType, name);
  const member = onCreate ?? types.input(updateType, name);
  if (!member) return undefined;
  const type = unwrap(member.type);
  const enumValues = type.kind === 'ENUM' ? types.enumValues(type.name) : undefined;
  return {
    required: onCreate !== undefined && isRequired(onCreate),
    nullable: !unwrap((types.input(updateType, name) ?? member).type).nonNull && !(onCreate && isRequired(onCreate)),
    kind: type.list ? 'other' : kindOf(type),
    list: type.list,
    ...(enumValues ? { enumValues } : {}),
  };
}

const isRequired = ({ type, defaultValue }: WireInputValue): boolean =>
  type.kind === 'NON_NULL' && (defaultValue === null || defaultValue === undefined);
