import { type ConnectionKit, type Presence, Sweep, type SweepOptions } from '@tributary/adapter-kit';
import type { AttributeLook } from './capabilities/attributes.ts';
import { FileCatalogue } from './capabilities/files.catalogue.ts';
import { FileImport } from './capabilities/files.import.ts';
import type { FilesOptions } from './capabilities/files.ts';
import { LogLook } from './capabilities/platform-events.ts';
import { SHALLOW_LOOK_BACK_MS, type TelemetryLook } from './capabilities/telemetry.ts';
import type { OpticloudClient } from './client.ts';
import type { Settings } from './config.ts';

export interface PollParts {
  kit: ConnectionKit;
  client: OpticloudClient;
  settings: Settings;
  attributeLook: AttributeLook;
  telemetryLook: TelemetryLook;
  presence: Presence;
  files: FilesOptions;
}

const DAY_MS = 86_400_000;
const ATTRIBUTE_LOOK_BACK_MS = 5 * 60_000;

/** The polls that a connection asks for; what is switched off is absent. */
export function pollsOf(parts: PollParts): Record<string, Sweep> {
  const { attributes, communication, importFiles } = parts.settings;
  const sweeps = [telemetrySweep(parts)];
  if (communication.enabled) sweeps.push(communicationSweep(parts));
  if (attributes.enabled) sweeps.push(attributeSweep(parts));
  if (parts.settings.files.enabled) sweeps.push(catalogueSweep(parts));
  if (importFiles) sweeps.push(fileSweep(parts, importFiles));
  return Object.fromEntries(sweeps.map((sweep) => [sweep.schedule, sweep]));
}

function telemetrySweep(parts: PollParts): Sweep {
  const { firstLook, lookBack, slice } = parts.settings.telemetry;
  return sweepOf(parts, 'telemetry', {
    look: parts.telemetryLook,
    firstLookMs: firstLook,
    lookBackMs: lookBack,
    sliceMs: slice,
    covers: { lagMs: Math.min(lookBack, SHALLOW_LOOK_BACK_MS) },
  });
}

function communicationSweep(parts: PollParts): Sweep {
  const { client, settings, presence } = parts;
  const { firstLook, lookBack } = settings.communication;
  const look = new LogLook(client, presence, { pageSize: settings.pageSize, lookBackMs: lookBack });
  return sweepOf(parts, 'communication', { look, lane: 'reconcile', firstLookMs: firstLook, lookBackMs: lookBack });
}

/** Attributes have no history: a look brings what is, and the window only says since when it may have changed. */
function attributeSweep(parts: PollParts): Sweep {
  return sweepOf(parts, 'attributes', {
    look: parts.attributeLook,
    lane: 'reconcile',
    firstLookMs: ATTRIBUTE_LOOK_BACK_MS,
    lookBackMs: ATTRIBUTE_LOOK_BACK_MS,
  });
}

function catalogueSweep(parts: PollParts): Sweep {
  const { firstLook, lookBack } = parts.settings.files;
  const look = new FileCatalogue(parts.files);
  return sweepOf(parts, 'catalogue', { look, lane: 'reconcile', firstLookMs: firstLook, lookBackMs: lookBack });
}

function fileSweep(parts: PollParts, importFiles: NonNullable<Settings['importFiles']>): Sweep {
  const { client, kit, settings } = parts;
  return sweepOf(parts, 'files', {
    look: new FileImport(client, kit, { ...importFiles, pageSize: settings.pageSize }),
    lane: 'backfill',
    firstLookMs: importFiles.firstLook,
    lookBackMs: importFiles.lookBack,
  });
}

type OwnOptions = Pick<SweepOptions, 'look' | 'firstLookMs' | 'lookBackMs'> & Partial<SweepOptions>;

function sweepOf({ kit, settings }: PollParts, schedule: string, own: OwnOptions): Sweep {
  return new Sweep(kit, {
    schedule,
    lane: 'live',
    concurrency: settings.concurrency,
    longestRestMs: settings.telemetry.longestRest,
    sliceMs: DAY_MS,
    ...own,
  });
}
