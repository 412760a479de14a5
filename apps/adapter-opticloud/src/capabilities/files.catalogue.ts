import type { Call, Look, NativeId, Observation, Window } from '@tributary/adapter-kit';
import type { FileInfo } from '@tributary/contracts';
import { allFiles, type FilesOptions } from './files.ts';

/** Tells of files as they appear and as their bytes move: from the device, to the platform, or to both. */
export class FileCatalogue implements Look {
  /** Where each file of the window was last seen, by device and name. */
  readonly #seen = new Map<NativeId, ReadonlyMap<string, string>>();

  constructor(private readonly options: FilesOptions) {}

  forget(): void {
    this.#seen.clear();
  }

  async *visit(device: NativeId, window: Window, call: Call): AsyncGenerator<Observation, boolean, undefined> {
    const files = await allFiles(this.options, device, window, call);
    const before = this.#seen.get(device);
    const news = files.filter((file) => before?.get(file.name) !== stateOf(file));
    for (const file of news) yield { type: 'file', change: held(file) ? 'available' : 'listed', file };
    this.#seen.set(device, new Map(files.map((file) => [file.name, stateOf(file)])));
    return news.length > 0;
  }
}

const held = ({ location }: FileInfo): boolean => location === 'platform' || location === 'both';
const stateOf = ({ location, sizeBytes }: FileInfo): string => `${location} ${sizeBytes ?? ''}`;
