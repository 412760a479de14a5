import { fraction, hash } from '../kit/seeded.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { ControlProperties } from './asset.ts';
import { SIGNAL_TYPES, type SignalTypeId } from './signal-types.ts';

interface SignalTemplate {
  name: string;
  type: SignalTypeId;
  control?: ControlProperties;
  valueAt(n: number, random: number, asset: number): TrueValue;
}

const STATES = ['läuft', 'wartet', 'Störung: Tür 3', 'gestoppt', '停止', 'back to "normal", again 🚆'];

const round = (value: number): number => Math.round(value * 100) / 100;

/** Eight signals: all primitive types, two that can be controlled, names that are not all ASCII. */
const TEMPLATES: readonly SignalTemplate[] = [
  {
    name: 'Temperature',
    type: 'TEMPERATURE',
    valueAt: (n, r, a) => round(20 + (a % 5) + 5 * Math.sin((n + a) / 20) + r),
  },
  { name: 'Druck Zulauf', type: 'PRESSURE', valueAt: (n, r) => round(3 + Math.sin(n / 9) + r / 10) },
  { name: 'Energy', type: 'ENERGY', valueAt: (n, _r, a) => 1_000_000 + a * 1_000 + n },
  { name: 'Drehzahl Welle 1', type: 'ROTATION', valueAt: (n, r) => Math.round(1_500 + 200 * Math.sin(n / 11) + r) },
  { name: 'Pump enabled', type: 'BOOLEAN', control: {}, valueAt: (_n, r) => r < 0.8 },
  { name: '运行状态', type: 'STRING', valueAt: (_n, r) => STATES[Math.floor(r * STATES.length)] ?? '' },
  {
    name: 'Position',
    type: 'LOCATION',
    valueAt: (n, _r, a) => ({ lat: round(47 + (a % 100) / 100), lng: round(8 + (n % 1_000) / 1_000) }),
  },
  {
    name: 'Setpoint',
    type: 'PERCENTAGE',
    control: { range: { min: 0, max: 100 } },
    valueAt: (n) => 40 + (Math.floor(n / 30) % 4) * 5,
  },
];

/** Position of the signal that the scenario's rule watches. */
export const WATCHED_SIGNAL = 0;

export interface SignalBlueprint {
  name: string;
  type: SignalTypeId;
  control: ControlProperties | undefined;
}

/** So many signals: the templates in turn, numbered from the second round on. */
export const signalBlueprints = (count: number): SignalBlueprint[] =>
  Array.from({ length: count }, (_, i) => {
    const { name, type, control } = templateAt(i);
    const turn = Math.floor(i / TEMPLATES.length);
    return { name: turn === 0 ? name : `${name} ${turn + 1}`, type, control };
  });

const templateAt = (index: number): SignalTemplate => TEMPLATES[index % TEMPLATES.length] as SignalTemplate;

/** What signal `index` of an asset measures at its n-th turn. */
export const measured = (seed: number, asset: number, index: number, n: number): TrueValue =>
  templateAt(index).valueAt(n, fraction(seed, asset, index, n), asset);

/** Another value of the same type, for a correction. */
export function corrected(seed: number, asset: number, index: number, n: number): TrueValue {
  const was = measured(seed, asset, index, n);
  if (typeof was === 'number') return was + 1_000 + (hash(seed, asset, index, n) % 1_000);
  if (typeof was === 'string') return `${was} (korrigiert)`;
  if (typeof was === 'boolean') return !was;
  return { corrected: true, was };
}

/** Whether a value is one that a signal of this type can have. */
export function fitsType(type: SignalTypeId, value: TrueValue): boolean {
  switch (SIGNAL_TYPES[type].primitive_type) {
    case 'NUMERIC':
      return typeof value === 'number' && Number.isFinite(value);
    case 'BOOLEAN':
      return typeof value === 'boolean';
    case 'STRING':
      return typeof value === 'string';
    case 'JSON':
      return true;
  }
}
