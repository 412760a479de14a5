import type { TrueValue } from '../kit/series-log.ts';
import type { Group } from './groups.ts';
import type { SignalType, Unit } from './signal-types.ts';

/** What an order may ask of a control channel. */
export interface ControlProperties {
  range?: { min: number; max: number };
  enum?: TrueValue[];
}

export interface Signal {
  id: string;
  asset: Asset;
  /** Position among the signals of its asset. */
  index: number;
  name: string;
  type: SignalType;
  unit: Unit | undefined;
  /** Off: only the last value is kept. */
  record: boolean;
  /** Takes no new data. */
  archived: boolean;
  /** Nothing is ever measured. */
  silent: boolean;
  control: ControlProperties | undefined;
  reportRateMs: number;
  /** Name of the device's channel; signals of templates have none. */
  channel: string | undefined;
  /** What a device was last ordered to hold. */
  held: TrueValue | undefined;
}

export interface Asset {
  id: string;
  /** Position in the scenario; it decides what the asset measures. */
  index: number;
  name: string;
  description: string;
  locked: boolean;
  meta: { [key: string]: TrueValue };
  group: Group;
  assetType: { id: string; name: string };
  template: Asset | undefined;
  isTemplate: boolean;
  signals: Signal[];
  device: PhysicalDevice | undefined;
  lastHeard: number | undefined;
  createdAt: number;
}

export interface Product {
  pid: string;
  name: string;
  isSimulator: boolean;
}

/** A device of an IoT connector; its channels feed the signals of at most one asset. */
export interface PhysicalDevice {
  id: string;
  identity: string;
  name: string;
  description: string;
  locked: boolean;
  product: Product;
  /** Absent as long as nobody has claimed it. */
  group: Group | undefined;
  tags: Array<{ name: string; value: string }>;
  asset: Asset | undefined;
  connected: boolean;
  /** Whether it does what it is ordered. */
  obeys: boolean;
  /** What the platform last wrote for the device to do. */
  dataOut: { [channel: string]: TrueValue };
}
