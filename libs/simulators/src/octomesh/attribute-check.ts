import type { TrueValue } from '../kit/series-log.ts';
import type { AttributeModel, TypeModel } from './ck-model.ts';
import { parseTime } from './filter.ts';
import { validationError } from './vendor-error.ts';

type Given = Readonly<Record<string, TrueValue>>;

export function withDefaults(type: TypeModel, given: Given): Record<string, TrueValue> {
  const defaults = type.attributes.flatMap(({ name, defaultValue }) =>
    defaultValue === undefined || given[name] !== undefined ? [] : [[name, defaultValue] as const],
  );
  return { ...Object.fromEntries(defaults), ...given };
}

/**
 * What the GraphQL types do not say: required attributes, and times. `all` wants every required attribute, `given` only
 * that none is taken away. Throws VALIDATION_ERROR with the attribute in its details.
 */
export function checkAttributes(type: TypeModel, given: Given, wanted: 'all' | 'given'): void {
  for (const attribute of type.attributes) checkAttribute(attribute, given[attribute.name], wanted);
}

function checkAttribute(attribute: AttributeModel, value: TrueValue | undefined, wanted: 'all' | 'given'): void {
  const { name, isRequired, type, record } = attribute;
  const missing = value === null || (value === undefined && wanted === 'all');
  if (isRequired && missing) throw validationError(`${name} is required`, { attribute: name });
  if (type === 'dateTime' && typeof value === 'string' && parseTime(value) === undefined) {
    throw validationError(`${name} is not a time`, { attribute: name, value });
  }
  for (const part of [value].flat()) {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) continue;
    for (const inner of record?.attributes ?? []) checkAttribute(inner, part[inner.name], 'all');
  }
}
