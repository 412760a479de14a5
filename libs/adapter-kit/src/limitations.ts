/** What this connection cannot do although the platform can; each said once, and taken back when it works again. */
export class Limitations {
  readonly #texts = new Map<string, string>();

  note(what: string, text: string): void {
    this.#texts.set(what, text);
  }

  lift(what: string): void {
    this.#texts.delete(what);
  }

  list(): string[] {
    return [...this.#texts.values()];
  }
}
