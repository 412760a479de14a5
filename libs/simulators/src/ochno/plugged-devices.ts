import type { PortData } from './port-data.ts';

/** What somebody can plug into a socket. */
export const DEVICE_KINDS = ['lamp', 'sensor', 'laptop', 'phone', 'fan', 'button', 'dimmer'] as const;
export type DeviceKind = (typeof DEVICE_KINDS)[number];

interface Template {
  identity: Record<'vendorId' | 'productId' | 'manufacturer' | 'product', string>;
  /** Power draw; `level` is a lamp's, in percent. */
  watt(random: number, level: number): number;
  /** Values of the device itself. */
  values(n: number, random: number, level: number): PortData;
}

const round = (value: number, digits = 2): number => Math.round(value * 10 ** digits) / 10 ** digits;
const identity = (vendorId: string, productId: string, manufacturer: string, product: string) => ({
  vendorId,
  productId,
  manufacturer,
  product,
});

const TEMPLATES: Record<DeviceKind, Template> = {
  lamp: {
    identity: identity('1d50', '60fc', 'Ljusverket', 'Skrivbordslampa'),
    watt: (r, level) => 0.4 + (level / 100) * 9 + r * 0.05,
    values: (_n, _r, level) => ({ lamp: { level } }),
  },
  sensor: {
    identity: identity('10c4', 'ea60', 'Sensorik AB', 'Rumssensor'),
    watt: (r) => 0.25 + r * 0.02,
    values: (n, r) => ({
      sensor: {
        temperature: round(21 + 2 * Math.sin(n / 30) + r * 0.3),
        humidity: round(38 + r * 8, 1),
        luminosity: Math.round(300 + 150 * Math.sin(n / 50) + r * 20),
        co2: Math.round(520 + 200 * Math.sin(n / 90) + r * 15),
        motion: r > 0.6,
      },
    }),
  },
  laptop: { identity: identity('05ac', '1460', 'Äpple', 'Bärbar 14"'), watt: (r) => 40 + r * 25, values: () => ({}) },
  phone: { identity: identity('04e8', '6860', 'Telefon Co', '電話 8'), watt: (r) => 6 + r * 9, values: () => ({}) },
  fan: {
    identity: identity('16c0', '05df', 'Vind & Co', 'Bordsfläkt'),
    watt: (r) => 2 + r,
    values: (_n, r) => ({ fan: { speed: Math.round(r * 3) } }),
  },
  button: {
    identity: identity('239a', '8014', 'Knapp', 'Mötesknapp'),
    watt: () => 0.05,
    values: (n, r) => ({ button: { pressed: r > 0.9, count: n } }),
  },
  dimmer: {
    identity: identity('239a', '8015', 'Knapp', 'Vridreglage'),
    watt: () => 0.05,
    values: (n) => ({ dimmer: { value: n % 101 } }),
  },
};

const VOLTS: Record<DeviceKind, number> = { lamp: 9, sensor: 5, laptop: 20, phone: 9, fan: 5, button: 5, dimmer: 5 };

export function powerOf(kind: DeviceKind | undefined, random: number, level: number): PortData {
  if (!kind) return { watt: 0, voltage: 0, current: 0 };
  const watt = round(TEMPLATES[kind].watt(random, level));
  const voltage = round(VOLTS[kind] + (random - 0.5) * 0.1);
  return { watt, voltage, current: round(watt / voltage, 3) };
}

export const valuesOf = (kind: DeviceKind | undefined, n: number, random: number, level: number): PortData =>
  kind ? TEMPLATES[kind].values(n, random, level) : {};

export const identityOf = (kind: DeviceKind): PortData => ({ ...TEMPLATES[kind].identity, type: kind });
