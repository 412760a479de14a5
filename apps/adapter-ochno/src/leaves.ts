import type { Json } from '@tributary/contracts';

export type Leaf = Exclude<Json, null>;

const MAX_DEPTH = 8;
const MAX_LEAVES = 512;
/** Time of the message, not a value of it. */
const TIME = 't';
const PLUGGED = 'device';

/**
 * Every value of a port by its path, such as `power.watt`. Undefined for what is nested too deeply or holds too much.
 * A value that is null is no value; a list is one value.
 *
 * Quirk: what the plugged device measures or does comes beside `device` or within it (API introduction, the action in the
 * Javascript example): both are one signal, and what stands beside wins.
 */
export function leavesOf(data: Readonly<Record<string, unknown>>): Map<string, Leaf> | undefined {
  const leaves = new Map<string, Leaf>();
  const { [PLUGGED]: device, [TIME]: _time, ...rest } = data;
  const fits = collect(rest, '', leaves, 1) && collectPlugged(device, leaves);
  return fits ? leaves : undefined;
}

/** The identity of the device keeps its prefix; its groups lose it. */
function collectPlugged(device: unknown, leaves: Map<string, Leaf>): boolean {
  if (device === undefined || device === null) return true;
  if (!isObject(device)) return collect({ [PLUGGED]: device }, '', leaves, 1);
  return Object.entries(device).every(([name, value]) =>
    isObject(value) ? collect(value, `${name}.`, leaves, 2) : put(leaves, `${PLUGGED}.${name}`, value),
  );
}

function collect(object: object, prefix: string, leaves: Map<string, Leaf>, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  return Object.entries(object).every(([name, value]) =>
    isObject(value) ? collect(value, `${prefix}${name}.`, leaves, depth + 1) : put(leaves, `${prefix}${name}`, value),
  );
}

function put(leaves: Map<string, Leaf>, path: string, value: unknown): boolean {
  if (value === null || value === undefined || leaves.has(path)) return true;
  leaves.set(path, value as Leaf);
  return leaves.size <= MAX_LEAVES;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
