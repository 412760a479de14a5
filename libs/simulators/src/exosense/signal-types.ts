/** Data types and units as ExoSense names them. Only those that the scenario uses. */

export const PRIMITIVE_TYPES = ['NUMERIC', 'STRING', 'BOOLEAN', 'JSON'] as const;
export type PrimitiveType = (typeof PRIMITIVE_TYPES)[number];

export interface Unit {
  id: string;
  name: string;
  abbr: string;
  convert: boolean;
  channelDataUnit: boolean;
  usCustomaryConvert: string | null;
  siConvert: string | null;
  nonCompliant: boolean;
}

export interface SignalType {
  id: string;
  name: string;
  primitive_type: PrimitiveType;
  convertable: boolean;
  units: Unit[];
  conversions: Array<{ id: string; name: string; unit: string; offset: number; multiplier: number }>;
}

const unit = (id: string, name: string, abbr: string, usCustomaryConvert: string | null = null): Unit => ({
  id,
  name,
  abbr,
  convert: usCustomaryConvert !== null,
  channelDataUnit: true,
  usCustomaryConvert,
  siConvert: usCustomaryConvert === null ? null : id,
  nonCompliant: false,
});

const type = (id: string, name: string, primitive_type: PrimitiveType, units: Unit[] = []): SignalType => ({
  id,
  name,
  primitive_type,
  convertable: units.length > 1,
  units,
  conversions:
    id === 'TEMPERATURE'
      ? [{ id: 'DEG_FAHRENHEIT', name: 'Fahrenheit', unit: 'DEG_FAHRENHEIT', offset: 32, multiplier: 1.8 }]
      : [],
});

export const SIGNAL_TYPES = {
  TEMPERATURE: type('TEMPERATURE', 'Temperature', 'NUMERIC', [
    unit('DEG_CELSIUS', 'Celsius', '°C', 'DEG_FAHRENHEIT'),
    unit('DEG_FAHRENHEIT', 'Fahrenheit', '°F'),
  ]),
  PRESSURE: type('PRESSURE', 'Pressure', 'NUMERIC', [unit('BAR', 'Bar', 'bar'), unit('PSI', 'PSI', 'psi')]),
  ENERGY: type('ENERGY', 'Energy', 'NUMERIC', [unit('KILOWATT_HOUR', 'Kilowatt Hour', 'kWh')]),
  ROTATION: type('ROTATION', 'Rotational Speed', 'NUMERIC', [unit('REVS_PER_MIN', 'Revolutions per Minute', 'rpm')]),
  PERCENTAGE: type('PERCENTAGE', 'Percentage', 'NUMERIC', [unit('PERCENT', 'Percent', '%')]),
  NUMBER: type('NUMBER', 'Number', 'NUMERIC'),
  BOOLEAN: type('BOOLEAN', 'Boolean', 'BOOLEAN'),
  STRING: type('STRING', 'String', 'STRING'),
  LOCATION: type('LOCATION', 'Location', 'JSON', [unit('LAT_LONG', 'Latitude and Longitude', '')]),
} as const;
export type SignalTypeId = keyof typeof SIGNAL_TYPES;
