/** Points of one device, or of one signal of it where answers are made by signal, that an answer handed over, from the oldest to the youngest; milliseconds since 1970. */
export interface ServedSpan {
  device: string;
  signal?: string;
  fromMs: number;
  toMs: number;
  points: number;
}

/** What one answer handed over of which time: shows what was asked for twice. */
export class Served {
  readonly #spans = new Map<string, ServedSpan>();

  add(device: string, ts: number, signal?: string): void {
    const key = `${device} ${signal ?? ''}`;
    const span = this.#spans.get(key);
    if (!span) {
      this.#spans.set(key, { device, ...(signal === undefined ? {} : { signal }), fromMs: ts, toMs: ts, points: 1 });
      return;
    }
    span.fromMs = Math.min(span.fromMs, ts);
    span.toMs = Math.max(span.toMs, ts);
    span.points += 1;
  }

  get spans(): ServedSpan[] {
    return [...this.#spans.values()];
  }
}
