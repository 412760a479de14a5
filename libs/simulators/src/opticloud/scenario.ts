import { seededToken, seededUuid } from '../kit/seeded.ts';
import type { Device } from './device.ts';
import { TelemetryProduction } from './production.ts';
import { seedDevices } from './scenario-devices.ts';
import { seedFiles } from './scenario-files.ts';
import { SimulatedDevices } from './simulated-devices.ts';
import type { OpticloudState } from './state.ts';

const ADDED_DEVICE = 8;
const FIRST_ADDED = 10_000_000;

/** Seeded data and its clockwork. */
export class OpticloudScenario {
  readonly production: TelemetryProduction;
  readonly devices: SimulatedDevices;
  readonly #state: OpticloudState;
  #added = 0;

  constructor(state: OpticloudState) {
    this.#state = state;
    seedDevices(state);
    const devices = state.devices();
    seedFiles(state, devices);
    this.production = new TelemetryProduction(state, devices);
    this.production.seedHistory();
    this.devices = new SimulatedDevices(state, devices, (device) => this.production.isOnline(device));
  }

  start(): void {
    this.production.start();
    this.devices.start();
    const { retentionMs } = this.#state.options;
    const { clock, truth } = this.#state;
    if (retentionMs > 0) clock.every(retentionMs / 4, () => truth.forgetBefore(clock.now() - retentionMs));
  }

  /** A device that comes back says so at once, and sends what it measured meanwhile. */
  setOnline(device: Device, online: boolean, forgets = false): void {
    this.production.setOnline(device, online, forgets);
    if (online) this.devices.callIn(device, 'ATTN');
  }

  addDevice(name: string): Device {
    const n = this.#added++;
    const { seed } = this.#state.options;
    const device = this.#state.addDevice({
      id: seededUuid(seed, ADDED_DEVICE, n),
      index: FIRST_ADDED + n,
      tenant: this.#state.tenants.main,
      name,
      type: 'default',
      label: '',
      description: '',
      createdTime: this.#state.clock.now(),
      token: seededToken(20, seed, ADDED_DEVICE, n),
      gateway: false,
    });
    this.production.add(device);
    this.devices.add(device);
    return device;
  }

  removeDevice(device: Device): void {
    this.production.remove(device);
    this.devices.remove(device);
    this.#state.removeDevice(device);
  }
}
