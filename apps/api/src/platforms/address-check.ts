import type { lookup } from 'node:dns';
import { isPlatformError, type Json } from '@tributary/contracts';
import { checkedUrl, checkHost, RefusedAddressError } from '@tributary/runtime';
import { type Fault, pointer } from '../http/problem-error.ts';

/** What adapters dial; without encryption only where private addresses may be dialled too. */
const DIALLED = { secure: ['https:', 'mqtts:', 'wss:'], plain: ['http:', 'mqtt:', 'ws:'] };
const FORMATS = new Set<unknown>(['uri', 'url', 'iri']);
/** Schemas may refer to themselves. */
const MAX_DEPTH = 16;

interface AddressRules {
  allowPrivate: boolean;
  /** By default the system's. */
  resolve?: typeof lookup | undefined;
}

type Schema = { [key: string]: Json };

/**
 * Faults of every address in settings, found by the format that the platform announced for it: one that is not public
 * would be dialled by an adapter from within. An adapter checks again when it dials; here whoever gave it is told.
 */
export async function checkAddresses(
  schema: Schema,
  settings: unknown,
  { under, ...rules }: { under: string } & AddressRules,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const [path, text] of new Map(addressesIn(schema, settings, schema))) {
    const detail = await refusal(text, rules);
    if (detail !== undefined) faults.push({ pointer: `${under}${path}`, detail });
  }
  return faults;
}

async function refusal(text: string, { allowPrivate, resolve }: AddressRules): Promise<string | undefined> {
  try {
    const url = checkedUrl(text, { ...DIALLED, allowPrivate }, 'the address');
    if (!allowPrivate) await checkHost(url.hostname, allowPrivate, resolve);
    return undefined;
  } catch (error) {
    if (isPlatformError(error) || error instanceof RefusedAddressError) return error.message;
    throw error;
  }
}

/** Text at each place of a value that some form of its schema calls an address, with its JSON Pointer. */
function* addressesIn(
  schema: unknown,
  value: unknown,
  root: Schema,
  path = '',
  depth = 0,
): Generator<[string, string]> {
  if (!isObject(schema) || depth > MAX_DEPTH) return;
  const into = (part: unknown, of: unknown = value, at = path) => addressesIn(part, of, root, at, depth + 1);
  if (typeof value === 'string' && FORMATS.has(schema.format)) yield [path, value];
  for (const forms of [schema.anyOf, schema.oneOf, schema.allOf]) {
    if (Array.isArray(forms)) for (const form of forms) yield* into(form);
  }
  if (typeof schema.$ref === 'string') yield* into(referred(root, schema.$ref));
  if (Array.isArray(value)) {
    const { prefixItems, items } = schema;
    for (const [index, item] of value.entries()) {
      const own = Array.isArray(prefixItems) ? prefixItems[index] : undefined;
      yield* into(own ?? items, item, `${path}/${index}`);
    }
  } else if (isObject(value)) {
    const members = isObject(schema.properties) ? schema.properties : {};
    for (const [name, member] of Object.entries(value)) {
      yield* into(
        Object.hasOwn(members, name) ? members[name] : schema.additionalProperties,
        member,
        path + pointer(name),
      );
    }
  }
}

/** Within the schema alone: `#/$defs/address`. */
function referred(root: Schema, reference: string): unknown {
  const parts = reference.startsWith('#') ? reference.slice(1).split('/').slice(1) : [];
  return parts.reduce<unknown>((at, part) => (isObject(at) ? at[part] : undefined), root);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
