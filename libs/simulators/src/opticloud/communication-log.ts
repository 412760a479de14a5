export interface CommunicationEntry {
  time: number;
  /** `PING`, `ATTN`, `RETURN_LIST` … */
  type: string;
  content: Record<string, unknown>;
}

const CAPACITY = 5_000;

/** What a device and the cloud said to each other. */
export class CommunicationLog {
  #entries: CommunicationEntry[] = [];

  add(entry: CommunicationEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > CAPACITY * 1.25) this.#entries = this.#entries.slice(-CAPACITY);
  }

  /** Newest first; both ends belong to the window. */
  between(startTime: number, endTime: number): CommunicationEntry[] {
    return this.#entries.filter((entry) => entry.time >= startTime && entry.time <= endTime).toReversed();
  }
}
