import type { Call, ConnectionKit, Look, NativeId, Observation, Window } from '@tributary/adapter-kit';
import { type FileInfo, isPlatformError } from '@tributary/contracts';
import type { OpticloudClient } from '../client.ts';
import type { Settings } from '../config.ts';
import { PointMaker } from '../osf/points.ts';
import { newReport, readOsf } from '../osf/read-osf.ts';
import { unpack } from '../osf/unpack.ts';
import { filesOnServer, openFiles } from './files.ts';

export type ImportSettings = NonNullable<Settings['importFiles']> & { pageSize: number };

/** Decodes the measurement files of one device after the other into points. */
export class FileImport implements Look {
  /** What has been imported and is still in the window, by device. */
  readonly #imported = new Map<NativeId, ReadonlySet<string>>();

  constructor(
    private readonly client: OpticloudClient,
    private readonly kit: Pick<ConnectionKit, 'log'>,
    private readonly settings: ImportSettings,
  ) {}

  forget(): void {
    this.#imported.clear();
  }

  async *visit(device: NativeId, window: Window, call: Call): AsyncGenerator<Observation, boolean, undefined> {
    const { client, settings } = this;
    const files = await filesOnServer({ client, pageSize: settings.pageSize }, device, window, call);
    const known = this.#imported.get(device) ?? new Set();
    const fresh = files.filter((file) => !known.has(identityOf(file)));
    for (const file of fresh) {
      yield { type: 'file', change: 'available', file };
      yield* this.#import(device, file, call);
    }
    this.#imported.set(device, new Set(files.map(identityOf)));
    return fresh.length > 0;
  }

  /** A file that cannot be read is told of and left: it would be no better next time. */
  async *#import(device: NativeId, file: FileInfo, call: Call): AsyncGenerator<Observation, void, undefined> {
    const report = newReport();
    const maker = new PointMaker(this.settings.signalPrefix);
    try {
      const { bytes } = await openFiles(this.client, device, [file.name], call);
      for await (const samples of readOsf(unpack(bytes, this.settings.maxBytes), report)) {
        const points = maker.pointsOf(samples);
        if (points.length > 0) yield { type: 'points', device, origin: 'import', points };
      }
      this.kit.log.info({ device, file: file.name, ...report, ...maker.report }, 'imported a measurement file');
    } catch (error) {
      if (!isPlatformError(error) || error.code !== 'malformed-response') throw error;
      this.kit.log.warn({ device, file: file.name, problem: error.message }, 'a measurement file cannot be read');
    }
  }
}

/** A file that grew is another file. */
const identityOf = ({ name, sizeBytes }: FileInfo): string => `${sizeBytes ?? ''}/${name}`;
