import type { Device } from './device.ts';
import type { MeasurementFile } from './device-files.ts';
import { type OsfDescription, type OsfVariant, osfSamples, writeOsf } from './osf-writer.ts';

export interface FileDescription {
  startMs: number;
  endMs: number;
  tag?: string;
  variant?: OsfVariant;
  /** Samples per channel. */
  count?: number;
  /** Makes the file at least so large, with a channel of raw bytes. */
  padBytes?: number;
}

/** A file as this device writes it. The bytes are made anew each time they are asked for; only the size is kept. */
export function measurementFile(device: Device, given: FileDescription): MeasurementFile {
  const { startMs, endMs, tag = 'preview', variant = 'device', count = 60, padBytes = 0 } = given;
  const description: OsfDescription = {
    variant,
    creator: `OM-${100_000 + device.index}`,
    tag,
    startMs,
    endMs,
    count,
    seed: Math.max(0, device.index) % 97,
    padBytes,
  };
  const content = () => writeOsf(description);
  let size: number | undefined;
  return {
    name: fileName(startMs, tag, variant),
    tag,
    startMs,
    endMs,
    get size() {
      size ??= content().length;
      return size;
    },
    content,
    samples: () => osfSamples(description),
  };
}

/** `sde/preview/20250626/20250626_064143.osfz`; an uncompressed file ends in `.osf`. */
function fileName(startMs: number, tag: string, variant: OsfVariant): string {
  const digits = new Date(startMs).toISOString().replaceAll(/\D/g, '');
  const day = digits.slice(0, 8);
  return `sde/${tag}/${day}/${day}_${digits.slice(8, 14)}.${variant === 'plain' ? 'osf' : 'osfz'}`;
}
