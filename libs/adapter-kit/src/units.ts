/** Units that are written alike everywhere and mean one thing alone. */
const common: Readonly<Record<string, string>> = {
  '%': '%',
  ppm: '[ppm]',
  '°C': 'Cel',
  K: 'K',
  V: 'V',
  mV: 'mV',
  kV: 'kV',
  A: 'A',
  mA: 'mA',
  W: 'W',
  kW: 'kW',
  MW: 'MW',
  VA: 'V.A',
  kVA: 'kV.A',
  J: 'J',
  kJ: 'kJ',
  MJ: 'MJ',
  Wh: 'W.h',
  kWh: 'kW.h',
  MWh: 'MW.h',
  Hz: 'Hz',
  kHz: 'kHz',
  ms: 'ms',
  s: 's',
  min: 'min',
  h: 'h',
  m: 'm',
  mm: 'mm',
  cm: 'cm',
  km: 'km',
  'm²': 'm2',
  'm³': 'm3',
  l: 'L',
  L: 'L',
  'l/min': 'L/min',
  'm³/h': 'm3/h',
  'm/s': 'm/s',
  'km/h': 'km/h',
  kg: 'kg',
  t: 't',
  Pa: 'Pa',
  hPa: 'hPa',
  kPa: 'kPa',
  bar: 'bar',
  mbar: 'mbar',
  lx: 'lx',
};

/** The Greek letter and the micro sign look alike, so do the other Greek letter and the ohm sign; both are typed. */
const normal = (unit: string): string => unit.trim().replaceAll('\u03bc', '\u00b5').replaceAll('\u2126', '\u03a9');

/**
 * Reads units as they are written: the common ones and a platform's `own` words, which come first, each with its UCUM
 * code. The answer is undefined where a unit is unknown or means several things: such a point goes without a unit.
 * In `own`, micro is U+00B5 and ohm U+03A9.
 */
export function unitReader(own: Readonly<Record<string, string>>): (written: string | undefined) => string | undefined {
  const codes = new Map([...Object.entries(common), ...Object.entries(own)]);
  return (written) => (written === undefined ? undefined : codes.get(normal(written)));
}
