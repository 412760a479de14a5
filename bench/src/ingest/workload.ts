/** Which points a round has; both sides of a comparison make them from this, so they store the same rows. */
export interface Workload {
  devices: number;
  signals: number;
  /** Times per message; a message holds `signals × readings` points of one device. */
  readings: number;
  messages: number;
  /** Time of the first reading, milliseconds. Later rounds begin later: they bring new points, as life does. */
  baseMs: number;
}

const STEP_MS = 100;

export const pointsPerMessage = ({ signals, readings }: Workload): number => signals * readings;
export const pointsIn = (workload: Workload): number => workload.messages * pointsPerMessage(workload);

/** Time of a message's reading, milliseconds. Devices take turns. */
export const timeOf = (workload: Workload, message: number, reading: number): number =>
  workload.baseMs + (Math.floor(message / workload.devices) * workload.readings + reading) * STEP_MS;

export const deviceOf = (workload: Workload, message: number): number => message % workload.devices;

export const measuredValue = (device: number, signal: number, tsMs: number): number =>
  ((device * 31 + signal * 17 + (tsMs / STEP_MS) * 7) % 10_007) / 8;

export const nameOfDevice = (device: number): string => `meter-${String(device).padStart(4, '0')}`;
export const nameOfSignal = (signal: number): string => `power.phase-${signal}`;

export interface Row {
  device: number;
  signal: number;
  tsMs: number;
  value: number;
}

/** Rows of the messages [from, to). */
export function rowsOf(workload: Workload, from: number, to: number): Row[] {
  const rows: Row[] = [];
  for (let message = from; message < to; message++) {
    const device = deviceOf(workload, message);
    for (let reading = 0; reading < workload.readings; reading++) {
      const tsMs = timeOf(workload, message, reading);
      for (let signal = 0; signal < workload.signals; signal++)
        rows.push({ device, signal, tsMs, value: measuredValue(device, signal, tsMs) });
    }
  }
  return rows;
}
