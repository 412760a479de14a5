import { duration, secret } from '@tributary/adapter-kit';
import { z } from 'zod';

const span = (byDefault: string) => duration().prefault(byDefault);
const names = z.array(z.string().min(1).max(256)).max(500).default([]);

const baseUrl = z
  .url({ protocol: /^https?$/ })
  .transform((url) => url.replace(/\/+$/, ''))
  .describe('Address of the optiCLOUD instance, such as https://example.opticloud.io.');

const telemetry = z.strictObject({
  firstLook: span('1h').describe('How far back the very first poll of a connection reaches.'),
  lookBack: span('5m').describe('How far behind the last sweep each poll reads again, for points that arrive late.'),
  lateEvery: span('1m').describe('How often the whole look-back is read; in between, the last half minute is.'),
  longestRest: span('5m').describe(
    'A device that brings nothing new is looked at less often, but at least this often.',
  ),
  slice: span('6h').describe(
    'After an outage the missed time is read in slices of this length, each with a checkpoint.',
  ),
  pageSize: z.int().min(10).max(50_000).default(1000).describe('Rows per signal in one range call.'),
  values: z
    .enum(['native', 'infer'])
    .default('native')
    .describe('`infer` reads types out of text, for an instance that answers text whatever is asked.'),
});

const importFiles = z.strictObject({
  lookBack: span('30m').describe('How far behind the last sweep files are looked for: uploads come late.'),
  firstLook: span('1h').describe('How far back the very first import reaches.'),
  maxBytes: z
    .int()
    .min(1024)
    .default(256 * 1024 * 1024)
    .describe('A file that unpacks to more is left alone.'),
  signalPrefix: z
    .string()
    .max(64)
    .default('')
    .describe('Put before the channel name, to keep file and live data apart.'),
});

export const settings = z.strictObject({
  baseUrl,
  mqttUrl: z
    .url({ protocol: /^mqtts?$/ })
    .optional()
    .describe('MQTT address of the instance; default mqtts on port 8883 of the same host.'),
  tenant: z.string().min(1).optional().describe('Exact name of the tenant; needed when the user has several.'),
  telemetry: telemetry.prefault({}),
  files: z
    .strictObject({ enabled: z.boolean().default(true), lookBack: span('1h'), firstLook: span('1d') })
    .prefault({})
    .describe('The catalogue of files: which there are, and where their bytes are.'),
  importFiles: importFiles.optional().describe('Present: measurement files are decoded into points as they arrive.'),
  communication: z
    .strictObject({
      enabled: z.boolean().default(true),
      lookBack: span('5m'),
      firstLook: span('1h'),
      offlineAfter: span('15m').describe('A device of which nothing was heard for so long is told to be offline.'),
    })
    .prefault({})
    .describe("The devices' communication logs as platform events."),
  attributes: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Poll attributes; reading on request works regardless.'),
      clientNames: names.describe('Asked for over MQTT where the instance does not answer attributes over REST.'),
      sharedNames: names.describe('As clientNames, for shared attributes.'),
    })
    .prefault({}),
  actAs: z
    .array(z.string().min(1))
    .max(100)
    .default([])
    .describe('Ids of devices as which the adapter keeps an MQTT session, to hear shared attributes change at once.'),
  pageSize: z.int().min(10).max(10_000).default(500).describe('Rows in one page of devices, files or log entries.'),
  concurrency: z.int().min(1).max(32).default(4).describe('Devices looked at side by side in one sweep.'),
});
export type Settings = z.output<typeof settings>;

export const credentials = z.strictObject({ username: z.string().min(1), password: secret() });
export type Credentials = z.output<typeof credentials>;

/** Devices carry their token as MQTT user name, so the default is the encrypted port. */
export function mqttUrlOf({ mqttUrl, baseUrl }: Pick<Settings, 'mqttUrl' | 'baseUrl'>): string {
  return mqttUrl ?? `mqtts://${new URL(baseUrl).hostname}:8883`;
}
