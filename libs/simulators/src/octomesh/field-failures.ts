import type { ErrorCode } from './vendor-error.ts';

export interface FieldFailure {
  code: ErrorCode;
  message: string;
}

/** Root fields that shall fail, as often as was said. */
export class FieldFailures {
  readonly #left = new Map<string, FieldFailure & { count: number }>();

  set(field: string, failure: FieldFailure, count: number): void {
    this.#left.set(field, { ...failure, count });
  }

  clear(): void {
    this.#left.clear();
  }

  take(field: string): FieldFailure | undefined {
    const found = this.#left.get(field);
    if (!found) return undefined;
    found.count -= 1;
    if (found.count <= 0) this.#left.delete(field);
    return found;
  }
}
