import { nameOfDevice } from '../ingest/workload.ts';

/** What the devices of a round send: each message is one time and three values of one device. */
export interface Readings {
  devices: number;
  messages: number;
  baseMs: number;
}

export const SIGNALS = ['voltage', 'current', 'power'] as const;
const STEP_MS = 50;

export interface Reading {
  device: string;
  tsMs: number;
  values: Record<(typeof SIGNALS)[number], number>;
}

export function readingOf({ devices, baseMs }: Readings, message: number): Reading {
  const device = message % devices;
  const turn = Math.floor(message / devices);
  const value = ((device * 31 + turn * 7) % 4_001) / 8;
  return {
    device: nameOfDevice(device),
    tsMs: baseMs + turn * STEP_MS,
    values: { voltage: 230 + value / 100, current: value, power: value * 230 },
  };
}

export const topicOf = (root: string, device: string): string => `${root}/${device}/telemetry`;
export const deviceOfTopic = (topic: string): string => topic.split('/').at(-2) ?? '';

/** A message's payload, as every contender reads it. */
export interface Payload {
  ts: number;
  values: Record<string, number>;
}
