import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { Device } from './device.ts';
import { deviceTimeout } from './vendor-error.ts';

export interface RpcCall {
  id: number;
  device: Device;
  method: string;
  params: TrueValue;
}

interface PendingCall extends RpcCall {
  oneWay: boolean;
  delivered: boolean;
  settle(answer: TrueValue): void;
}

export interface RpcOptions {
  oneWay?: boolean;
  timeoutMs: number;
}

/** Calls from the cloud to devices. They wait for the device to subscribe, and for its answer, until their time is up. */
export class RpcDesk {
  readonly #clock: ScenarioClock;
  readonly #pending = new Map<number, PendingCall>();
  #count = 0;
  /** Hands a call to a subscribed session; says whether there was one. */
  deliver: (call: RpcCall) => boolean = () => false;

  constructor(clock: ScenarioClock) {
    this.#clock = clock;
  }

  /** Resolves with the device's answer, or with null once a one-way call is delivered. Throws 504. */
  call(device: Device, method: string, params: TrueValue, options: RpcOptions): Promise<TrueValue> {
    return new Promise((resolve, reject) => {
      const id = ++this.#count;
      const cancel = this.#clock.after(options.timeoutMs, () => {
        this.#pending.delete(id);
        reject(deviceTimeout());
      });
      const settle = (answer: TrueValue) => {
        cancel();
        this.#pending.delete(id);
        resolve(answer);
      };
      const call = { id, device, method, params, oneWay: options.oneWay ?? false, delivered: false, settle };
      this.#pending.set(id, call);
      this.#offer(call);
    });
  }

  /** A device has subscribed: what waits for it goes out. */
  offerTo(device: Device): void {
    for (const call of this.#pending.values()) if (call.device === device && !call.delivered) this.#offer(call);
  }

  /** A device has answered. Answers to calls of others, or to none, are ignored. */
  answer(device: Device, id: number, answer: TrueValue): void {
    const call = this.#pending.get(id);
    if (call?.device === device) call.settle(answer);
  }

  #offer(call: PendingCall): void {
    call.delivered = this.deliver(call);
    if (call.delivered && call.oneWay) call.settle(null);
  }
}
