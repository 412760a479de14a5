import { hash } from 'node:crypto';
import { type Json, UnsupportedError } from '@tributary/contracts';
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { type Fault, pointer } from '../http/problem-error.ts';

let loading: Promise<Ajv2020> | undefined;

/** Loaded by the first check: most of the time an api reads. */
async function loadAjv(): Promise<Ajv2020> {
  const [{ Ajv2020 }, formats] = await Promise.all([import('ajv/dist/2020.js'), import('ajv-formats')]);
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    validateFormats: true,
    addUsedSchema: false,
  });
  formats.default.default(ajv);
  return ajv;
}

const MAX_COMPILED = 500;
const compiled = new Map<string, ValidateFunction>();

/**
 * Validates a value against a JSON Schema that an adapter announced. Defaults are not filled in: what is stored is what
 * was given, so that a better default of a later version reaches old connections too. Returns every fault below `under`;
 * values never appear. Throws `UnsupportedError` for a schema that is none.
 */
export async function checkAgainst(schema: { [key: string]: Json }, value: unknown, under: string): Promise<Fault[]> {
  loading ??= loadAjv();
  const validate = validatorOf(await loading, schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => ({ pointer: `${under}${faultPath(error)}`, detail: faultText(error) }));
}

function validatorOf(ajv: Ajv2020, schema: object): ValidateFunction {
  const key = hash('sha256', JSON.stringify(schema), 'base64');
  const known = compiled.get(key);
  if (known) return known;
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  try {
    const { $id: _id, ...anonymous } = schema as { $id?: unknown };
    const validate = ajv.compile(anonymous);
    compiled.set(key, validate);
    return validate;
  } catch (error) {
    throw new UnsupportedError('the adapter announced a schema that cannot be used', { cause: error });
  }
}

function faultPath({ instancePath, keyword, params }: ErrorObject): string {
  const member =
    keyword === 'required' ? params.missingProperty : (params.additionalProperty ?? params.unevaluatedProperty);
  return typeof member === 'string' ? `${instancePath}${pointer(member)}` : instancePath;
}

function faultText({ keyword, params, message }: ErrorObject): string {
  if (keyword === 'required') return 'is required';
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') return 'there is no such member';
  if (keyword === 'enum')
    return `must be one of ${(params.allowedValues as unknown[]).map((v) => JSON.stringify(v)).join(', ')}`;
  return message ?? 'is not valid';
}
