import type {
  Adapter,
  AttributeReport,
  Call,
  Limitations,
  Look,
  NativeId,
  Observation,
  Window,
} from '@tributary/adapter-kit';
import {
  type AttributeScope,
  attributeScopes,
  InvalidRequestError,
  isPlatformError,
  type Json,
  UnsupportedError,
} from '@tributary/contracts';
import type { OpticloudClient } from '../client.ts';
import type { Settings } from '../config.ts';
import { DeviceSession, type DeviceSessionOptions } from '../device-session.ts';
import { ITEM_NOT_FOUND } from '../errors.ts';
import { attributeReports, attributesAnswered, serialOf } from '../mapping.ts';
import { scopeNames } from '../wire.ts';

export interface AttributesOptions {
  client: OpticloudClient;
  sessions: DeviceSessionOptions;
  settings: Settings['attributes'];
  limitations: Limitations;
}

/**
 * Attributes are read over REST, which ThingsBoard has and the vendor's document does not mention. Where an instance
 * does not answer there, a device's own exchange over MQTT is used: it must be asked by name.
 */
export class AttributeReader {
  constructor(private readonly options: AttributesOptions) {}

  /** Throws `UnsupportedError` where neither way is open. */
  async read(device: NativeId, call: Call): Promise<AttributeReport[]> {
    const { limitations } = this.options;
    try {
      const found = await this.#overRest(device, call);
      limitations.lift('attributes');
      return found;
    } catch (error) {
      if (!saysNotOffered(error)) throw error;
      limitations.note('attributes', 'attributes: this instance does not answer them over REST');
      return this.#overMqtt(device, call);
    }
  }

  async #overRest(device: NativeId, call: Call): Promise<AttributeReport[]> {
    const all: AttributeReport[] = [];
    for (const scope of attributeScopes) {
      all.push(...attributeReports(scope, await this.options.client.attributes(device, scopeNames[scope], call)));
    }
    return all;
  }

  async #overMqtt(device: NativeId, call: Call): Promise<AttributeReport[]> {
    const { settings, sessions } = this.options;
    const names = { client: settings.clientNames, shared: settings.sharedNames };
    if (names.client.length + names.shared.length === 0) {
      throw new UnsupportedError('attributes must be asked for by name here: see settings.attributes');
    }
    const answer = await DeviceSession.use(sessions, device, call, (session) =>
      session.requestAttributes(names, call.signal),
    );
    return attributesAnswered(answer);
  }
}

/** The path itself is unknown or forbidden, as opposed to the device. */
function saysNotOffered(error: unknown): boolean {
  if (!isPlatformError(error)) return false;
  if (error.code === 'not-found') return error.platformCode !== ITEM_NOT_FOUND;
  return error.code === 'invalid-request' && error.platformStatus === 405;
}

/** Writes go where the scope belongs: a device sets its client attributes, a user the shared and server ones. */
export function attributesCapability(
  reader: AttributeReader,
  { client, sessions }: AttributesOptions,
): NonNullable<Adapter['attributes']> {
  return {
    read: (device, signal) => reader.read(device, { lane: 'interactive', signal }),

    write: async (device, scope, patch, signal) => {
      assertNothingRemoved(patch);
      const call: Call = { lane: 'command', signal };
      if (scope !== 'client') return client.writeAttributes(device, scopeNames[scope], patch, call);
      await DeviceSession.use(sessions, device, call, (session) => session.publishAttributes(patch, signal));
    },
  };
}

function assertNothingRemoved(patch: Record<string, Json>): void {
  if (!Object.values(patch).includes(null)) return;
  throw new InvalidRequestError('optiCLOUD documents no way to remove an attribute, and null is no value of one');
}

/** Reports what changed, and what vanished since the last look. */
export class AttributeLook implements Look {
  readonly #names = new Map<NativeId, Set<string>>();
  readonly #serials = new Map<NativeId, string>();

  constructor(private readonly reader: Pick<AttributeReader, 'read'>) {}

  forget(): void {
    this.#names.clear();
  }

  serialOf(device: NativeId): string | undefined {
    return this.#serials.get(device);
  }

  async *visit(device: NativeId, window: Window, call: Call): AsyncGenerator<Observation, boolean, undefined> {
    const found = await this.#read(device, call);
    if (!found) return false;
    const before = this.#names.get(device);
    // A first look reports all there is: older changes may never have been reported.
    const changed = found.filter(({ tsMs }) => before === undefined || tsMs === undefined || tsMs >= window.fromMs);
    const attributes = [...changed, ...vanished(before, found)];
    if (attributes.length > 0) yield { type: 'attributes', device, attributes };
    this.#remember(device, found);
    return attributes.length > 0;
  }

  /** Nothing where the instance offers no way: the reader has noted that as a limitation. */
  async #read(device: NativeId, call: Call): Promise<AttributeReport[] | undefined> {
    try {
      return await this.reader.read(device, call);
    } catch (error) {
      if (isPlatformError(error) && error.code === 'unsupported') return undefined;
      throw error;
    }
  }

  #remember(device: NativeId, found: readonly AttributeReport[]): void {
    this.#names.set(device, new Set(found.map(keyOf)));
    const serial = serialOf(found);
    if (serial === undefined) this.#serials.delete(device);
    else this.#serials.set(device, serial);
  }
}

const keyOf = ({ scope, name }: AttributeReport): string => `${scope}/${name}`;

function vanished(before: ReadonlySet<string> | undefined, found: readonly AttributeReport[]): AttributeReport[] {
  const now = new Set(found.map(keyOf));
  return [...(before ?? [])]
    .filter((key) => !now.has(key))
    .map((key) => {
      const at = key.indexOf('/');
      return { scope: key.slice(0, at) as AttributeScope, name: key.slice(at + 1) };
    });
}
