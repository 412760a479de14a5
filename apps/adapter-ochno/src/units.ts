/** UCUM codes of the signals whose unit is known. */
const codes: Readonly<Record<string, string>> = {
  'power.watt': 'W',
  'power.voltage': 'V',
  'power.current': 'A',
  'lamp.level': '%',
  'sensor.temperature': 'Cel',
  'sensor.humidity': '%',
  'sensor.luminosity': 'lx',
  'sensor.co2': '[ppm]',
};

export const unitOf = (signal: string): string | undefined =>
  Object.hasOwn(codes, signal) ? codes[signal] : undefined;
