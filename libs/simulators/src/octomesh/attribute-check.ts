import type { TrueValue } from '../kit/series-log.ts';
import type { TypeModel } from './ck-model.ts';
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
  for (const { name, isRequired, type: attributeType } of type.attributes) {
    const value = given[name];
    const missing = value === null || (value === undefined && wanted === 'all');
    if (isRequired && missing) throw validationError(`${name} is required`, { attribute: name });
    if (attributeType === 'dateTime' && typeof value === 'string' && parseTime(value) === undefined) {
      throw validationError(`${name} is not a time`, { attribute: name, value });
    }
  }
}
