import type { OsfSample } from './osf-writer.ts';

/** A measurement file. Its bytes are made when they are needed, always the same. */
export interface MeasurementFile {
  name: string;
  tag: string;
  startMs: number;
  endMs: number;
  /** Bytes. */
  readonly size: number;
  content(): Buffer;
  /** What a reader should find inside; absent for files that a real device sent. */
  samples?(): OsfSample[];
}

/** Row of the complete file list: `0` device only, `1` requested by the server, `2` server only, `3` both. */
export type FileStatus = 0 | 1 | 2 | 3;

export interface CloudFile {
  file: MeasurementFile;
  onDevice: boolean;
  onServer: boolean;
  requested: boolean;
}

export function statusOf(entry: CloudFile): FileStatus {
  if (entry.onServer) return entry.onDevice ? 3 : 2;
  return entry.requested ? 1 : 0;
}

const touches = (file: MeasurementFile, startMs: number, endMs: number): boolean =>
  file.startMs <= endMs && file.endMs >= startMs;

/** The device's own disk. */
export class DeviceFiles {
  readonly #files = new Map<string, MeasurementFile>();

  add(file: MeasurementFile): void {
    this.#files.set(file.name, file);
  }

  remove(name: string): boolean {
    return this.#files.delete(name);
  }

  get(name: string): MeasurementFile | undefined {
    return this.#files.get(name);
  }

  list(startMs: number, endMs: number, tag?: string): MeasurementFile[] {
    return [...this.#files.values()].filter((file) => touches(file, startMs, endMs) && (!tag || file.tag === tag));
  }
}

/** What the cloud believes about a device's files. It learns of the device's disk only when the device lists it. */
export class CloudFiles {
  readonly #entries = new Map<string, CloudFile>();

  get(name: string): CloudFile | undefined {
    return this.#entries.get(name);
  }

  /** In the order of their beginnings. An interval that touches the window belongs to it. */
  list(startMs: number, endMs: number): CloudFile[] {
    return [...this.#entries.values()]
      .filter(({ file }) => touches(file, startMs, endMs))
      .sort((a, b) => a.file.startMs - b.file.startMs || (a.file.name < b.file.name ? -1 : 1));
  }

  put(entry: CloudFile): void {
    this.#entries.set(entry.file.name, entry);
  }

  request(name: string): boolean {
    const entry = this.#entries.get(name);
    if (!entry) return false;
    entry.requested = true;
    return true;
  }

  /** The bytes have arrived. */
  store(file: MeasurementFile, onDevice: boolean): void {
    this.#entries.set(file.name, { file, onDevice, onServer: true, requested: false });
  }

  /** The device's answer to a list request: what it names is there, what it does not name is gone from it. */
  refresh(listed: readonly MeasurementFile[], startMs: number, endMs: number, tag?: string): void {
    const names = new Set(listed.map((file) => file.name));
    for (const file of listed) {
      const known = this.#entries.get(file.name);
      if (known) known.onDevice = true;
      else this.put({ file, onDevice: true, onServer: false, requested: false });
    }
    for (const entry of this.list(startMs, endMs)) {
      if (names.has(entry.file.name) || (tag && entry.file.tag !== tag)) continue;
      entry.onDevice = false;
      if (!entry.onServer) this.#entries.delete(entry.file.name);
    }
  }

  /** Removes the oldest until so many are left. */
  keepNewest(count: number): void {
    const ordered = this.list(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    for (const entry of ordered.slice(0, Math.max(0, ordered.length - count))) this.#entries.delete(entry.file.name);
  }
}
