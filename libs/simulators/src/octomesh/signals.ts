import { fraction, hash } from '../kit/seeded.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { CkAttribute } from './construction-kit.ts';

/** One measured attribute of a stream, and what every meter measures with it. */
export interface SignalSource {
  attribute: CkAttribute;
  /** Null where nothing could be measured. */
  valueAt(meter: number, n: number): TrueValue;
  /** Another value of the same type, for a correction. */
  correctedAt(meter: number, n: number): TrueValue;
  /** Steps in [first, end) without a value. */
  absent(meter: number, first: number, end: number): number;
}

interface Template {
  attribute: CkAttribute;
  /** Every so many steps there is no value. */
  missesEvery?: number;
  valueAt(n: number, random: number, meter: number): TrueValue;
}

export const QUALITY = ['Good', 'Uncertain', 'Bad'] as const;

const round = (value: number, digits = 100): number => Math.round(value * digits) / digits;
const unit = (name: string, symbol: string): CkAttribute => ({ name, type: 'decimal', unit: symbol });

/** The four of the documented example come first. */
export const ENERGY_TEMPLATES: readonly Template[] = [
  { attribute: unit('voltage', 'V'), valueAt: (n, r) => round(230 + 4 * Math.sin(n / 37) + r, 10) },
  {
    attribute: unit('current', 'A'),
    missesEvery: 97,
    valueAt: (n, r, m) => round(8 + (m % 9) + 3 * Math.sin(n / 11) + r),
  },
  { attribute: unit('power', 'kW'), valueAt: (n, r, m) => round(2 + (m % 20) + 1.5 * Math.sin(n / 7) + r / 10, 1000) },
  { attribute: unit('energy', 'kWh'), valueAt: (n, r, m) => round(10_000 + m * 500 + n * 0.25 + r / 10, 1000) },
  { attribute: unit('frequency', 'Hz'), missesEvery: 131, valueAt: (_n, r) => round(49.95 + r / 10, 1000) },
  { attribute: { name: 'pulses', type: 'int64' }, valueAt: (n, _r, m) => 5_000_000_000 + m * 1_000 + n },
  { attribute: { name: 'tampered', type: 'boolean' }, valueAt: (_n, r) => r < 0.05 },
  {
    attribute: { name: 'quality', type: 'enum', enum: 'ReadingQuality' },
    valueAt: (_n, r) => QUALITY[r < 0.9 ? 0 : r < 0.97 ? 1 : 2] ?? null,
  },
  { attribute: { name: 'remark', type: 'string' }, missesEvery: 3, valueAt: (n) => `Prüfung ${n % 7} – ok ✓` },
  { attribute: { name: 'harmonics', type: 'intArray' }, valueAt: (n, r) => [n % 5, Math.floor(r * 10), 3] },
];

export const WATER_TEMPLATES: readonly Template[] = [
  { attribute: unit('flow', 'm3/h'), valueAt: (n, r) => round(3 + 2 * Math.sin(n / 13) + r) },
  { attribute: unit('volume', 'm3'), valueAt: (n, r, m) => round(800 + m * 10 + n * 0.05 + r / 100, 1000) },
  { attribute: unit('temperature', 'Cel'), missesEvery: 53, valueAt: (n, r) => round(11 + Math.sin(n / 90) + r, 10) },
];

/** So many signals: the templates in turn, numbered from the second round on. */
export function signalSources(count: number, seed: number, templates: readonly Template[]): SignalSource[] {
  return Array.from({ length: count }, (_, i) => {
    const template = templates[i % templates.length] as Template;
    const turn = Math.floor(i / templates.length);
    const name = turn === 0 ? template.attribute.name : `${template.attribute.name}${turn + 1}`;
    return source({ ...template, attribute: { ...template.attribute, name } }, seed, i);
  });
}

function source({ attribute, missesEvery, valueAt }: Template, seed: number, position: number): SignalSource {
  const measured = (meter: number, n: number) => valueAt(n, fraction(seed, meter, position, n), meter);
  return {
    attribute,
    valueAt: (meter, n) => (missesEvery && (n + meter) % missesEvery === 0 ? null : measured(meter, n)),
    correctedAt: (meter, n) => changed(attribute, measured(meter, n), hash(seed, meter, position, n)),
    absent: (meter, first, end) =>
      missesEvery ? Math.ceil((end + meter) / missesEvery) - Math.ceil((first + meter) / missesEvery) : 0,
  };
}

function changed(attribute: CkAttribute, value: TrueValue, by: number): TrueValue {
  if (typeof value === 'number') return round(value + 1_000 + (by % 1_000), 1000);
  if (typeof value === 'boolean') return !value;
  if (attribute.type === 'enum') return value === 'Uncertain' ? 'Bad' : 'Uncertain';
  if (typeof value === 'string') return `${value} (korrigiert)`;
  return [...(value as TrueValue[]), 99];
}
