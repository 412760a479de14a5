export type Scalar = number | boolean | string;
export interface PortData {
  [key: string]: Scalar | PortData | undefined;
}

/** A message of a port: a part of its data, with the port's own time in milliseconds. */
export type PortMessage = PortData & { t: number };

const isObject = (value: unknown): value is PortData => typeof value === 'object' && value !== null;

/**
 * What is known of a port once a message has come. A message that says `connected: false` takes the values of the
 * device with it: what is not in that message is gone.
 */
export function mergePortData(known: PortData, message: PortMessage): PortData {
  if (message.connected === false) return structuredClone(message);
  return merged(known, message);
}

function merged(known: PortData, change: PortData): PortData {
  const result: PortData = { ...known };
  for (const [key, value] of Object.entries(change)) {
    const before = result[key];
    result[key] = isObject(value) ? merged(isObject(before) ? before : {}, value) : value;
  }
  return result;
}

export interface Leaf {
  signal: string;
  value: Scalar;
}

/**
 * Every value of a message by its path; the time is no value. The document nests a lamp below `device`, where the
 * identity of the plugged device stands too: an object there is the same thing as beside it, so `device.lamp.level`
 * and `lamp.level` have one name, and `device.vendorId` keeps its own.
 */
export function leavesOf(message: PortData): Leaf[] {
  const leaves: Leaf[] = [];
  for (const [key, value] of Object.entries(message)) {
    if (key === 't' || value === undefined) continue;
    if (key === 'device' && isObject(value)) takeDevice(leaves, value);
    else take(leaves, key, value);
  }
  return leaves;
}

function takeDevice(leaves: Leaf[], device: PortData): void {
  for (const [key, value] of Object.entries(device)) {
    if (value !== undefined) take(leaves, isObject(value) ? key : `device.${key}`, value);
  }
}

function take(leaves: Leaf[], path: string, value: Scalar | PortData): void {
  if (!isObject(value)) {
    leaves.push({ signal: path, value });
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== undefined) take(leaves, `${path}.${key}`, inner);
  }
}
