import type { NativeId, PointValue } from '@tributary/adapter-kit';
import { DeviceSession, type DeviceSessionOptions } from '../device-session.ts';
import { telemetryPayloads } from '../mapping.ts';

/** Writes as the device itself: a point without a time gets the platform's. Returns how many were acknowledged. */
export async function writeTelemetry(
  sessions: DeviceSessionOptions,
  device: NativeId,
  points: readonly PointValue[],
  signal: AbortSignal,
): Promise<number> {
  await DeviceSession.use(sessions, device, { lane: 'command', signal }, (session) =>
    session.publishTelemetry(telemetryPayloads(points), signal),
  );
  return points.length;
}
