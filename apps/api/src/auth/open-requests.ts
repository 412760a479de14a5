/**
 * How many requests of a caller are being answered by this replica at once, streams among them: those that wait cost
 * memory and connections however slowly they are asked for.
 */
export class OpenRequests {
  readonly #open = new Map<string, number>();

  constructor(readonly limit: number) {}

  /** False where the caller has as many as he may; otherwise `leave` is owed. */
  enter(caller: string): boolean {
    const open = this.#open.get(caller) ?? 0;
    if (open >= this.limit) return false;
    this.#open.set(caller, open + 1);
    return true;
  }

  leave(caller: string): void {
    const open = (this.#open.get(caller) ?? 0) - 1;
    if (open > 0) this.#open.set(caller, open);
    else this.#open.delete(caller);
  }
}
