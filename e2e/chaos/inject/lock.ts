/** What is done to one thing is done one after the other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const result = before.then(work);
    this.#last.set(
      name,
      result.catch(() => undefined),
    );
    return result;
  }
}
