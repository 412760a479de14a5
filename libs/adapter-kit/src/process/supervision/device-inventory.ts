import { type DeviceData, deviceId, type Json, spaceId } from '@tributary/contracts';
import type { DeviceSnapshot, Page } from '../../contract.ts';
import type { DeviceDirectory } from '../ports.ts';
import type { ConnectionPublisher } from '../publishing/connection-publisher.ts';
import { fingerprint } from '../publishing/fingerprint.ts';
import { isJson } from '../publishing/point-check.ts';

type Device = Omit<DeviceData, 'rev'>;

export interface DeviceInventoryOptions {
  connectionId: string;
  directory: DeviceDirectory;
  publisher: ConnectionPublisher;
}

/** What this connection is known to have: says what is new, what changed, and, after a whole sweep only, what is gone. */
export class DeviceInventory {
  readonly #options: DeviceInventoryOptions;
  readonly #known = new Map<string, { print: string; device: Device }>();

  constructor(options: DeviceInventoryOptions) {
    this.#options = options;
  }

  /** Native ids, in the order of their discovery. */
  nativeIds(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** What earlier owners have published. */
  async restore(): Promise<void> {
    for (const device of await this.#options.directory.known(this.#options.connectionId)) {
      if (!this.#known.has(device.nativeId)) this.#known.set(device.nativeId, { print: printOf(device), device });
    }
  }

  /** One sweep. When it fails half-way nothing is said to be gone. */
  async sweep(pages: AsyncIterable<Page<DeviceSnapshot>>, signal: AbortSignal): Promise<void> {
    const seen = new Set<string>();
    for await (const page of pages) {
      signal.throwIfAborted();
      await Promise.all(page.items.map((snapshot) => this.#see(snapshot, seen)));
    }
    signal.throwIfAborted();
    // What another owner published just before may have reached the directory only now.
    await this.restore();
    const gone = [...this.#known].filter(([nativeId]) => !seen.has(nativeId));
    await Promise.all(gone.map(([nativeId, { device }]) => this.#remove(nativeId, device)));
  }

  async #see(snapshot: DeviceSnapshot, seen: Set<string>): Promise<void> {
    const { publisher, connectionId } = this.#options;
    if (!snapshot.nativeId || snapshot.nativeId.length > 512 || !isJson(snapshot.properties, 0)) {
      publisher.account.setAside('bad-item', { device: snapshot.nativeId, name: 'device' });
      return;
    }
    seen.add(snapshot.nativeId);
    const device = toDevice(snapshot, connectionId);
    const print = printOf(device);
    const before = this.#known.get(snapshot.nativeId);
    if (before?.print === print) return;
    await publisher.device(before ? 'updated' : 'discovered', device);
    this.#known.set(snapshot.nativeId, { print, device });
  }

  async #remove(nativeId: string, device: Device): Promise<void> {
    await this.#options.publisher.device('removed', device);
    this.#known.delete(nativeId);
  }
}

function toDevice(snapshot: DeviceSnapshot, connectionId: string): Device {
  const { nativeId, name, kind, label, description, serial, parent, reportsEveryMs, spaces, properties } = snapshot;
  return {
    deviceId: deviceId(connectionId, nativeId),
    nativeId,
    name,
    ...(kind === undefined ? {} : { kind }),
    ...(label === undefined ? {} : { label }),
    ...(description === undefined ? {} : { description }),
    ...(serial === undefined ? {} : { serial }),
    ...(parent === undefined ? {} : { parentId: deviceId(connectionId, parent) }),
    ...(reportsEveryMs === undefined ? {} : { reportsEveryMs }),
    spaces: spaces.map((space) => ({ ...space, spaceId: spaceId(connectionId, space.nativeId) })),
    properties,
  };
}

const printOf = (device: Device): string => fingerprint(device as unknown as Json);
