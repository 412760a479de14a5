/** How what is sent can be other than once, in its order and right. */
export const IRREGULARITIES = ['late', 'swapped', 'duplicate', 'corrected'] as const;
export type Irregularity = (typeof IRREGULARITIES)[number];

/** Share of what is sent, 0 to 1, that meets with each. */
export type IrregularShares = Readonly<Record<Irregularity, number>>;

const LATE_BY = 3;
const SWAPPED_BY = 1;

interface Held<M> {
  /** Number of the measurement after which it is sent. */
  after: number;
  made: M;
}

/** What one source has measured and not sent yet, and what it measured last. */
export class Outbox<M> {
  /** What can be sent again, or corrected. */
  previous: M | undefined;
  #held: Array<Held<M>> = [];

  /**
   * Takes measurement number `n` and returns what is to be sent now, in this order. `dice`, a fraction in [0, 1),
   * decides whether it comes late, swapped with the next, twice, or with a correction of the one before.
   */
  pass(made: M, n: number, dice: number, shares: IrregularShares, correctionOf: (made: M) => M | undefined): M[] {
    const { late, swapped, duplicate, corrected } = shares;
    const out: Array<M | undefined> = [];
    if (dice < late) this.#held.push({ after: n + LATE_BY, made });
    else if (dice < late + swapped) this.#held.push({ after: n + SWAPPED_BY, made });
    else out.push(made);
    if (dice >= 1 - duplicate) out.push(made);
    else if (dice >= 1 - duplicate - corrected && this.previous !== undefined) out.push(correctionOf(this.previous));
    this.previous = made;
    return [...out.filter((one) => one !== undefined), ...this.#due(n)];
  }

  #due(n: number): M[] {
    if (this.#held.length === 0) return [];
    const due = this.#held.filter(({ after }) => after <= n);
    this.#held = this.#held.filter(({ after }) => after > n);
    return due.map(({ made }) => made);
  }
}
