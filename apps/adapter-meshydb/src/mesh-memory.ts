import { Roll, type Summary } from './roll.ts';

/** Without a roll, no more than this many documents are remembered, the latest. */
const MOST_RECENT = 20_000;

/**
 * What is known of the documents of one mesh: the roll of the last whole sweep, and what was seen since. Bounded: the
 * roll by its owner, the rest here.
 */
export class MeshMemory {
  #roll: Roll | undefined;
  readonly #recent = new Map<string, string>();
  /** Gone, and not known to have been told. */
  #untold: string[] = [];

  get whole(): boolean {
    return this.#roll !== undefined;
  }

  /** Documents seen since the last sweep; many of them are a reason for the next one. */
  get isCrowded(): boolean {
    return this.#recent.size >= MOST_RECENT;
  }

  /** How a document that was read now differs from what is known; remembered from here on. */
  see(id: string, print: string): 'unknown' | 'same' | 'other' {
    const before = this.#recent.get(id);
    const found =
      before === undefined ? (this.#roll?.compare(id, print) ?? 'unknown') : before === print ? 'same' : 'other';
    if (found !== 'same') this.#remember(id, print);
    return found;
  }

  /**
   * A sweep begins; what it reads is handed to `read` in the order of ids, and `end` makes it what is known. Of more than
   * `most` documents nothing is known in the end but what was seen last.
   */
  sweep(most: number): MeshSweep {
    const next = new Roll();
    let fits = true;
    return {
      read: (id, print) => {
        fits &&= next.length < most;
        if (fits) next.append(id, print);
        return this.see(id, print);
      },
      end: () => {
        if (!fits) this.dropRoll();
        return fits ? this.#replace(next) : undefined;
      },
    };
  }

  #replace(next: Roll): string[] {
    const before = this.#roll;
    const gone = new Set([...this.#untold, ...this.#recent.keys()].filter((id) => !next.has(id)));
    for (let at = 0, id = before?.idAt(0); id !== undefined; at += 1, id = before?.idAt(at)) {
      if (!next.has(id)) gone.add(id);
    }
    this.#recent.clear();
    this.#roll = next;
    this.#untold = [...gone];
    return this.#untold;
  }

  /** What the last sweep has found to be gone was told, and has arrived. */
  told(): void {
    this.#untold = [];
  }

  /** The mesh is too large to be known whole. */
  dropRoll(): void {
    this.#roll = undefined;
  }

  /** Forgets what was seen, not what was to be said. */
  forget(): void {
    this.#roll = undefined;
    this.#recent.clear();
  }

  summary(upTo: string): Summary | undefined {
    return this.#roll?.summary(upTo);
  }

  #remember(id: string, print: string): void {
    this.#recent.delete(id);
    this.#recent.set(id, print);
    if (this.#recent.size <= MOST_RECENT || this.#roll) return;
    for (const oldest of this.#recent.keys()) {
      this.#recent.delete(oldest);
      return;
    }
  }
}

export interface MeshSweep {
  read(id: string, print: string): 'unknown' | 'same' | 'other';
  /** The sweep was whole: ids that were known and are no longer there; undefined when there were too many to know. */
  end(): string[] | undefined;
}
