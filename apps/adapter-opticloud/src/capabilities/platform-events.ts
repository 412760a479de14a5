import {
  type Call,
  type Look,
  type NativeId,
  type Observation,
  type Presence,
  pagesOf,
  type Window,
} from '@tributary/adapter-kit';
import type { OpticloudClient } from '../client.ts';
import { isFromDevice, platformEvent } from '../mapping.ts';
import type { CommunicationEntry } from '../wire.ts';

/** The log is asked for a little beyond now: the platform's clock may run ahead of ours. */
const AHEAD_MS = 5 * 60_000;

/** Entries of the window, newest first, page by page. */
export function readLog(
  client: OpticloudClient,
  device: NativeId,
  { fromMs, toMs }: Window,
  pageSize: number,
  call: Call,
): AsyncGenerator<CommunicationEntry[], void, undefined> {
  const window = { fromMs, toMs: toMs + AHEAD_MS };
  return pagesOf({ limit: pageSize, whole: false }, (asked) => client.communication(device, window, asked, call));
}

/** Turns the devices' communication logs into platform events. */
export class LogLook implements Look {
  constructor(
    private readonly client: OpticloudClient,
    private readonly presence: Presence,
    private readonly options: { pageSize: number; lookBackMs: number },
  ) {}

  async *visit(device: NativeId, window: Window, call: Call): AsyncGenerator<Observation, boolean, undefined> {
    const { pageSize, lookBackMs } = this.options;
    let news = false;
    for await (const page of readLog(this.client, device, window, pageSize, call)) {
      for (const entry of page) yield this.#observe(device, entry);
      news ||= page.some(({ time }) => time >= window.fromMs + lookBackMs);
    }
    for (const event of this.presence.changes(device, window.toMs)) yield { type: 'platform-event', event };
    return news;
  }

  forget(): void {
    this.presence.forget();
  }

  #observe(device: NativeId, entry: CommunicationEntry): Observation {
    if (isFromDevice(entry)) this.presence.heard(device, entry.time);
    return { type: 'platform-event', event: platformEvent(device, entry) };
  }
}
