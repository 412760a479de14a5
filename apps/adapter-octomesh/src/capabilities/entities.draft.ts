import { InvalidRequestError, type Json } from '@tributary/contracts';
import type { EntityInput } from '../dialect/documents.ts';
import type { EntityModel, WriteRule } from '../schema/model.ts';

type Attributes = Readonly<Record<string, Json>>;

const WELL_KNOWN_NAME = 'wellKnownName';
const MAX_INT = 2 ** 31 - 1;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/i;

/**
 * What is to be written, checked against the type before a call is spent on it. Throws `InvalidRequestError` that names
 * every attribute at fault and no value.
 */
export function checkedDraft(model: EntityModel, attributes: Attributes, use: 'create' | 'update'): EntityInput {
  const problems = [
    ...Object.entries(attributes).flatMap(([name, value]) => problemOf(model, name, value, use) ?? []),
    ...(use === 'create' ? missing(model, attributes) : []),
  ];
  if (problems.length > 0) throw new InvalidRequestError(`${model.name}: ${problems.slice(0, 10).join('; ')}`);
  const { [WELL_KNOWN_NAME]: wellKnownName, ...rest } = attributes;
  return {
    ...(wellKnownName === undefined ? {} : { wellKnownName: wellKnownName as string | null }),
    attributes: rest,
  };
}

const missing = (model: EntityModel, attributes: Attributes): string[] =>
  model.attributes
    .filter(({ name, write }) => write?.required && (attributes[name] === undefined || attributes[name] === null))
    .filter(({ name }) => attributes[name] === undefined)
    .map(({ name }) => `${name} is required`);

function problemOf(model: EntityModel, name: string, value: Json, use: 'create' | 'update'): string | undefined {
  const shown = JSON.stringify(name.slice(0, 80));
  const attribute = model.attributes.find((candidate) => candidate.name === name);
  if (!attribute) return `there is no attribute ${shown}`;
  const rule = attribute.write;
  if (!rule) return `${name} cannot be written`;
  if (value === null)
    return rule.nullable || (use === 'create' && !rule.required) ? undefined : `${name} must have a value`;
  if (!rule.list) return wrong(name, value, rule);
  return Array.isArray(value) ? undefined : `${name} must be a list`;
}

function wrong(name: string, value: Json, { kind, enumValues }: WriteRule): string | undefined {
  switch (kind) {
    case 'text':
    case 'id':
      return typeof value === 'string' ? undefined : `${name} must be text`;
    case 'enum':
      // Quirk: members are literals in a mutation (API Integration, "Mutations"): as a variable, their bare name.
      return enumValues?.includes(String(value)) ? undefined : `${name} must be one of ${enumValues?.join(', ') ?? ''}`;
    case 'integer':
      return Number.isInteger(value) && Math.abs(value as number) <= MAX_INT
        ? undefined
        : `${name} must be a whole number`;
    case 'long':
      return Number.isSafeInteger(value) ? undefined : `${name} must be a whole number`;
    case 'number':
      return typeof value === 'number' ? undefined : `${name} must be a number`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${name} must be true or false`;
    case 'instant':
      return typeof value === 'string' && INSTANT.test(value)
        ? undefined
        : `${name} must be a time such as 2026-03-29T01:00:00Z`;
    case 'other':
      return undefined;
  }
}
