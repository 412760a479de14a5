import type { Device } from './device.ts';
import { type FileDescription, measurementFile } from './measurement-files.ts';
import { OSF_VARIANTS } from './osf-writer.ts';
import type { OpticloudState } from './state.ts';

/** Where a new file lies, and what the cloud knows of it. */
export const FILE_PLACES = ['device', 'listed', 'requested', 'server', 'both'] as const;
export type FilePlace = (typeof FILE_PLACES)[number];

/** Position of the device that has one file of every kind a reader may meet. */
export const OSF_DEVICE_INDEX = 1;

export function addFile(device: Device, description: FileDescription, place: FilePlace): string {
  const file = measurementFile(device, description);
  if (place !== 'server') device.ownFiles.add(file);
  if (place !== 'device') {
    const onServer = place === 'server' || place === 'both';
    device.cloudFiles.put({ file, onDevice: place !== 'server', onServer, requested: place === 'requested' });
  }
  return file.name;
}

/** The newest file is still unknown to the cloud, older ones have gone further; all four statuses occur. */
const PLACES_BY_AGE: readonly FilePlace[] = ['device', 'listed', 'requested', 'both', 'both', 'both'];

/** Files written before the simulator started. */
export function seedFiles(state: OpticloudState, devices: readonly Device[]): void {
  const { fileEveryMs, filesPerDevice } = state.options;
  const newestEnd = Math.floor(state.clock.now() / 1000) * 1000;
  for (const device of devices) {
    const offsetMs = (Math.max(0, device.index) % 60) * 1000;
    for (let age = 0; age < filesPerDevice; age++) {
      const endMs = newestEnd - offsetMs - age * fileEveryMs;
      addFile(device, { startMs: endMs - fileEveryMs, endMs }, PLACES_BY_AGE[age] ?? 'server');
    }
    if (device.index === OSF_DEVICE_INDEX)
      seedVariants(device, newestEnd - (filesPerDevice + 1) * fileEveryMs, fileEveryMs);
  }
}

function seedVariants(device: Device, newestEnd: number, fileEveryMs: number): void {
  OSF_VARIANTS.forEach((variant, age) => {
    const endMs = newestEnd - age * fileEveryMs;
    addFile(device, { startMs: endMs - fileEveryMs, endMs, variant, tag: 'osf-variants' }, 'server');
  });
}
