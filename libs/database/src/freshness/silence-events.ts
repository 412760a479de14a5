import { createHash } from 'node:crypto';
import {
  makeEvent,
  type RoutingParts,
  type SilenceCause,
  type SilenceData,
  type TributaryEvent,
} from '@tributary/contracts';

export interface SilentDevice {
  deviceId: string;
  nativeId: string;
  workspace: string;
  connectionId: string;
  platform: string;
}

/** One silence of a device; its number is one more than that of the silence before. */
export interface ToldSilence extends SilentDevice {
  number: number;
  sinceMs: number;
  everyMs: number;
  staleAfterMs: number;
  cause: SilenceCause;
}

export interface SilenceNews {
  event: TributaryEvent;
  routing: RoutingParts;
}

/** The same id in whatever process, and however often: who hears it twice can tell. */
export const staleEvent = (silence: ToldSilence, atMs: number): SilenceNews => newsOf('device.stale', silence, atMs);

export const recoveredEvent = (silence: ToldSilence, atMs: number, untilMs: number): SilenceNews =>
  newsOf('device.recovered', silence, atMs, untilMs);

function newsOf(
  name: 'device.stale' | 'device.recovered',
  silence: ToldSilence,
  atMs: number,
  untilMs?: number,
): SilenceNews {
  const { deviceId, nativeId, workspace, connectionId, platform, number, everyMs, cause } = silence;
  const data: SilenceData = {
    deviceId,
    nativeId,
    since: iso(silence.sinceMs),
    expectedEveryMs: everyMs,
    staleAfterMs: silence.staleAfterMs,
    cause,
    ...(untilMs === undefined ? {} : { until: iso(untilMs) }),
  };
  const id = idOf(name, deviceId, number);
  const time = iso(atMs);
  const event = makeEvent({
    id,
    name,
    workspace,
    platform,
    connectionId,
    subject: deviceId,
    time,
    origin: 'live',
    data,
  });
  return { event, routing: { workspace, event: name, platform, connectionId, subjectId: deviceId } };
}

/** A UUIDv8 (RFC 9562 section 5.8): all of it is a digest. */
function idOf(...parts: (string | number)[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const iso = (ms: number): string => new Date(ms).toISOString();
