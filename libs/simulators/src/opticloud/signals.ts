import { fraction, hash } from '../kit/seeded.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { WrittenValue } from './telemetry-payload.ts';

interface SignalTemplate {
  key: string;
  kind: 'double' | 'long' | 'boolean' | 'string' | 'json';
  valueAt(n: number, random: number, device: number): TrueValue;
}

const STATES = ['läuft', 'wartet', 'Störung: Tür 3', 'gestoppt', '停止', 'back to "normal" 🚆'];

const round = (value: number): number => Math.round(value * 100) / 100;

/** One of every type the vendor's document names, with names that are not all ASCII. */
const TEMPLATES: readonly SignalTemplate[] = [
  { key: 'temperature', kind: 'double', valueAt: (n, r) => round(20 + 5 * Math.sin(n / 20) + r) },
  { key: 'humidity', kind: 'double', valueAt: (_n, r) => Math.round(40 + r * 20) },
  { key: 'power.watt', kind: 'double', valueAt: (n, r, d) => round(100 + (d % 50) + 80 * Math.sin(n / 7) + r * 3) },
  { key: 'energy.total', kind: 'long', valueAt: (n, _r, d) => 1_000_000 + d * 1_000 + n },
  { key: 'door.open', kind: 'boolean', valueAt: (_n, r) => r < 0.2 },
  { key: 'state', kind: 'string', valueAt: (_n, r) => STATES[Math.floor(r * STATES.length)] ?? '' },
  {
    key: 'GPS.Location',
    kind: 'json',
    valueAt: (n, r, d) => ({
      latitude: round(47 + d / 100),
      longitude: round(8 + n / 1_000),
      fix: { satellites: Math.floor(r * 12), accuracy: [round(r * 5), round(r * 9)] },
    }),
  },
  { key: 'Drehzahl Welle 1', kind: 'long', valueAt: (n, r) => Math.round(1_500 + 200 * Math.sin(n / 11) + r * 10) },
  { key: '温度.轴承', kind: 'double', valueAt: (n, r) => round(60 + 10 * Math.sin(n / 31) + r) },
  { key: 'energie/zähler%', kind: 'double', valueAt: (_n, r) => round(-1 + r * 2) },
];

export interface SignalSource {
  key: string;
  valueAt(device: number, n: number): WrittenValue;
  /** Another value of the same type, for a correction. */
  correctedAt(device: number, n: number): WrittenValue;
}

/** So many signals: the templates in turn, numbered from the second round on. */
export function signalSources(count: number, seed: number): SignalSource[] {
  return Array.from({ length: count }, (_, i) => {
    const template = TEMPLATES[i % TEMPLATES.length] as SignalTemplate;
    const round = Math.floor(i / TEMPLATES.length);
    const real = template.kind === 'double';
    const value = (device: number, n: number): TrueValue => template.valueAt(n, fraction(seed, device, i, n), device);
    return {
      key: round === 0 ? template.key : `${template.key}.${round + 1}`,
      valueAt: (device, n) => ({ value: value(device, n), real }),
      correctedAt: (device, n) => ({ value: changed(value(device, n), hash(seed, device, i, n)), real }),
    };
  });
}

function changed(value: TrueValue, by: number): TrueValue {
  if (typeof value === 'number') return value + 1_000 + (by % 1_000);
  if (typeof value === 'string') return `${value} (korrigiert)`;
  if (typeof value === 'boolean') return !value;
  return { corrected: true, was: value };
}
