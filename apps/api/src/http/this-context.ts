import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The same items, each made where this was called, whoever asks for it. An answer that is streamed is asked for by its
 * socket, which serves many requests; what makes it reads from the database on behalf of one.
 */
export function inThisContext<T>(source: AsyncIterable<T>): AsyncIterable<T> {
  const here = AsyncLocalStorage.snapshot();
  return {
    [Symbol.asyncIterator]: () => {
      const items = here(() => source[Symbol.asyncIterator]());
      return {
        next: () => here(() => items.next()),
        return: (value?: unknown) =>
          here(() => items.return?.(value) ?? Promise.resolve({ done: true as const, value: undefined })),
      };
    },
  };
}
