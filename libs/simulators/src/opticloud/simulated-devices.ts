import type { Task } from './command-queue.ts';
import type { Device } from './device.ts';
import { converse, type DeviceMessage, readListRequest } from './device-link.ts';
import { addFile } from './scenario-files.ts';
import type { OpticloudState } from './state.ts';

const TURNS = 60;
const UPLOAD_DELAY_FILES = 1;

/** Devices that call in every minute, do what waits for them, write measurement files and upload them later. */
export class SimulatedDevices {
  readonly #state: OpticloudState;
  readonly #devices: Device[];
  readonly #isOnline: (device: Device) => boolean;
  #turn = 0;

  constructor(state: OpticloudState, devices: readonly Device[], isOnline: (device: Device) => boolean) {
    this.#state = state;
    this.#devices = [...devices];
    this.#isOnline = isOnline;
  }

  start(): void {
    const { clock, options } = this.#state;
    clock.every(options.heartbeatMs / TURNS, () => {
      for (const device of this.#online(this.#turn)) this.callIn(device);
      this.#turn = (this.#turn + 1) % TURNS;
    });
    clock.every(options.fileEveryMs, () => this.#closeFiles());
  }

  add(device: Device): void {
    this.#devices.push(device);
  }

  remove(device: Device): void {
    const at = this.#devices.indexOf(device);
    if (at >= 0) this.#devices.splice(at, 1);
  }

  /** The device connects now, and does all that waits for it. */
  callIn(device: Device, request: 'PING' | 'ATTN' = 'PING'): void {
    let task = converse(device, { request }, this.#state.clock);
    while (task) task = converse(device, this.#carryOut(device, task), this.#state.clock);
  }

  #online(turn: number): Device[] {
    return this.#devices.filter((device, i) => i % TURNS === turn && this.#isOnline(device));
  }

  #carryOut(device: Device, task: Task): DeviceMessage {
    const { messageId, fileTag } = task;
    switch (task.contentType) {
      case 'application/om-request-list': {
        const { startMs, endMs, tag } = readListRequest(task.body);
        return { request: 'RETURN_LIST', messageId, fileTag, listing: device.ownFiles.list(startMs, endMs, tag) };
      }
      case 'application/om-request-file': {
        const file = device.ownFiles.get(task.body);
        if (file) return { request: 'RETURN_FILE', messageId, file };
        return { request: 'RETURN_ERROR', messageId, text: `no such file: ${task.body}` };
      }
      case 'application/om-bash':
        return { request: 'RETURN_BASH', messageId, text: '' };
      case 'application/om-firmware-update':
        return { request: 'RETURN_FIRMWARE_UPDATE', messageId, text: 'done' };
      case 'application/om-cancel':
        return { request: 'RETURN_CANCEL', messageId, text: '' };
      default:
        return { request: 'RETURN_SCPI', messageId, text: '' };
    }
  }

  /** A file is closed every quarter of an hour; the one before it goes to the cloud. */
  #closeFiles(): void {
    const { options, clock } = this.#state;
    const endMs = Math.floor(clock.now() / 1000) * 1000;
    for (const device of this.#devices) {
      if (!this.#isOnline(device)) continue;
      addFile(device, { startMs: endMs - options.fileEveryMs, endMs }, 'device');
      const before = endMs - UPLOAD_DELAY_FILES * options.fileEveryMs;
      for (const file of device.ownFiles.list(before - options.fileEveryMs + 1, before)) {
        if (device.cloudFiles.get(file.name)?.onServer) continue;
        converse(device, { request: 'UPLOAD', fileTag: file.tag, file }, clock);
      }
      device.cloudFiles.keepNewest(options.filesPerDevice * 12);
    }
  }
}
