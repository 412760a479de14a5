import { type CkLibrary, ckLibrary } from './construction-kit.ts';
import { QUALITY, type SignalSource } from './signals.ts';

export const CK = {
  energyMeter: 'Industry.Energy/EnergyMeter',
  energyReading: 'Industry.Energy/MeterReading',
  location: 'Industry.Common/Location',
  waterMeter: 'Industry.Water/WaterMeter',
  waterReading: 'Industry.Water/FlowReading',
} as const;

export const METER_STATUS = ['Active', 'Maintenance', 'Inactive', 'Decommissioned'] as const;
export const LOCATION_KINDS = ['Site', 'Building', 'Floor'] as const;

const METER_ATTRIBUTES = [
  { name: 'name', type: 'string', isRequired: true },
  { name: 'serialNumber', type: 'string', isRequired: true },
  { name: 'manufacturer', type: 'string' },
  { name: 'status', type: 'enum', enum: 'MeterStatus', isRequired: true, defaultValue: 'Active' },
  { name: 'installationDate', type: 'dateTime' },
] as const;

const LOCATED = {
  name: 'location',
  target: CK.location,
  multiplicity: 'ZeroOrOne',
} as const;

const commonLibrary = (): CkLibrary =>
  ckLibrary.parse({
    libraryId: 'Industry.Common',
    version: '1.2.0',
    types: [
      {
        typeId: 'Location',
        description: 'Where things are',
        attributes: [
          { name: 'name', type: 'string', isRequired: true },
          { name: 'address', type: 'string' },
          { name: 'kind', type: 'enum', enum: 'LocationKind' },
          { name: 'floorArea', type: 'double', unit: 'm2' },
        ],
        associations: [{ name: 'parent', target: 'Location', multiplicity: 'ZeroOrOne', inboundName: 'children' }],
      },
    ],
    enums: [{ enumId: 'LocationKind', values: [...LOCATION_KINDS] }],
  });

const energyLibrary = (signals: readonly SignalSource[]): CkLibrary =>
  ckLibrary.parse({
    libraryId: 'Industry.Energy',
    version: '2.0.1',
    types: [
      {
        typeId: 'EnergyMeter',
        description: 'A meter of electric energy',
        attributes: [
          ...METER_ATTRIBUTES,
          { name: 'maxCapacity', type: 'decimal', unit: 'kW' },
          { name: 'phases', type: 'int', defaultValue: 3 },
          { name: 'isVirtual', type: 'boolean' },
          { name: 'tags', type: 'stringArray' },
          { name: 'calibration', type: 'record', record: 'Calibration' },
        ],
        associations: [
          { ...LOCATED, inboundName: 'meters' },
          { name: 'readings', target: 'MeterReading', multiplicity: 'N' },
        ],
      },
      {
        typeId: 'MeterReading',
        description: 'What an energy meter measured at one time',
        isStream: true,
        valueAttribute: 'energy',
        attributes: signals.map(({ attribute }) => attribute),
      },
    ],
    enums: [
      { enumId: 'MeterStatus', values: [...METER_STATUS] },
      { enumId: 'ReadingQuality', values: [...QUALITY] },
    ],
    records: [
      {
        recordId: 'Calibration',
        attributes: [
          { name: 'calibratedAt', type: 'dateTime', isRequired: true },
          { name: 'certificate', type: 'string' },
          { name: 'deviation', type: 'double', unit: '%' },
        ],
      },
    ],
  });

const waterLibrary = (signals: readonly SignalSource[]): CkLibrary =>
  ckLibrary.parse({
    libraryId: 'Industry.Water',
    version: '1.0.0',
    types: [
      {
        typeId: 'WaterMeter',
        attributes: [...METER_ATTRIBUTES, { name: 'nominalDiameter', type: 'int', unit: 'mm' }],
        associations: [
          { ...LOCATED, inboundName: 'waterMeters' },
          { name: 'readings', target: 'FlowReading', multiplicity: 'N' },
        ],
      },
      {
        typeId: 'FlowReading',
        isStream: true,
        valueAttribute: 'volume',
        attributes: signals.map(({ attribute }) => attribute),
      },
    ],
    enums: [{ enumId: 'MeterStatus', values: [...METER_STATUS] }],
  });

/** Libraries of the scenario; those for water only where there is any. */
export const scenarioLibraries = (
  energy: readonly SignalSource[],
  water: readonly SignalSource[] | undefined,
): CkLibrary[] => [commonLibrary(), energyLibrary(energy), ...(water ? [waterLibrary(water)] : [])];
