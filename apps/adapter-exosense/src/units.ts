import { unitReader } from '@tributary/adapter-kit';

/**
 * UCUM codes of units as ExoSense names them, by the id of the unit or by its abbreviation. Only what means one thing is
 * here; a point of any other unit goes without.
 */
const byAbbreviation = unitReader({
  '%RH': '%',
  ppb: '[ppb]',
  '℃': 'Cel',
  '°F': '[degF]',
  '℉': '[degF]',
  '°': 'deg',
  deg: 'deg',
  rad: 'rad',
  Ah: 'A.h',
  var: 'V.A{reactive}',
  BTU: '[Btu_IT]',
  Ω: 'Ohm',
  kΩ: 'kOhm',
  MHz: 'MHz',
  rpm: '{rpm}/min',
  RPM: '{rpm}/min',
  sec: 's',
  hr: 'h',
  d: 'd',
  ft: '[ft_i]',
  mi: '[mi_i]',
  gal: '[gal_us]',
  'L/min': 'L/min',
  'l/s': 'L/s',
  'L/s': 'L/s',
  'm³/s': 'm3/s',
  gpm: '[gal_us]/min',
  GPM: '[gal_us]/min',
  'm/s²': 'm/s2',
  mph: '[mi_i]/h',
  mg: 'mg',
  lb: '[lb_av]',
  N: 'N',
  kN: 'kN',
  N·m: 'N.m',
  Nm: 'N.m',
  MPa: 'MPa',
  psi: '[psi]',
  PSI: '[psi]',
  dB: 'dB',
  dBm: 'dB[mW]',
  lm: 'lm',
  cd: 'cd',
  kB: 'kBy',
  MB: 'MBy',
  GB: 'GBy',
});

const byId: Readonly<Record<string, string>> = {
  DEG_CELSIUS: 'Cel',
  DEG_FAHRENHEIT: '[degF]',
  KELVIN: 'K',
  PERCENT: '%',
  VOLT: 'V',
  VOLTS: 'V',
  AMPERE: 'A',
  AMPERES: 'A',
  AMP: 'A',
  WATT: 'W',
  WATTS: 'W',
  KILOWATT: 'kW',
  KILOWATT_HOUR: 'kW.h',
  WATT_HOUR: 'W.h',
  JOULE: 'J',
  OHM: 'Ohm',
  HERTZ: 'Hz',
  REVS_PER_MIN: '{rpm}/min',
  BAR: 'bar',
  PSI: '[psi]',
  PASCAL: 'Pa',
  KILOPASCAL: 'kPa',
  METER: 'm',
  METERS: 'm',
  MILLIMETER: 'mm',
  KILOMETER: 'km',
  KILOGRAM: 'kg',
  SECOND: 's',
  MILLISECOND: 'ms',
  MINUTE: 'min',
  HOUR: 'h',
  LITER: 'L',
  CUBIC_METER: 'm3',
  DECIBEL: 'dB',
  LUX: 'lx',
  METERS_PER_SEC: 'm/s',
};

interface Unit {
  id?: string | null | undefined;
  abbr?: string | null | undefined;
}

/** UCUM code of a unit, or undefined where it is unknown or means several things. */
export function ucumOf(unit: Unit | null | undefined): string | undefined {
  const id = unit?.id ?? '';
  if (Object.hasOwn(byId, id)) return byId[id];
  return byAbbreviation(unit?.abbr ?? undefined);
}
