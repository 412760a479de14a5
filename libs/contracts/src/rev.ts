import { derivedEventId } from './ids.ts';

/** A rev is milliseconds since 1970, then 21 bits that make it unique: see the hybrid clock of the adapters. */
export const REV_TIME_SHIFT = 21n;

/** When a rev was stamped, milliseconds since 1970, by the adapter's clock; after a change of owner it may be ahead. */
export const revTimeMs = (rev: string | bigint): number => Number(BigInt(rev) >> REV_TIME_SHIFT);

/** The id of the telemetry event with this rev: who has a stored value knows by which event it came. */
export const telemetryEventId = (connectionId: string, rev: string): string =>
  derivedEventId(revTimeMs(rev), connectionId, 'telemetry', rev);

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** When an event was made, milliseconds since 1970; undefined for what is no UUIDv7. */
export const eventTimeMs = (eventId: string): number | undefined =>
  UUID_V7.test(eventId) ? Number.parseInt(eventId.slice(0, 8) + eventId.slice(9, 13), 16) : undefined;
