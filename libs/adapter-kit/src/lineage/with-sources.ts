import type { Page } from '../contract.ts';
import { CallTrail, onTrail } from './call-trail.ts';
import type { DataSource, Sourced } from './data-source.ts';

/** The same pages, each item with the calls that brought it, where the adapter has not said so itself. */
export function withSources<T extends Sourced>(pages: AsyncIterable<Page<T>>): AsyncIterable<Page<T>> {
  return { [Symbol.asyncIterator]: () => sourcedIterator(pages[Symbol.asyncIterator]()) };
}

function sourcedIterator<T extends Sourced>(inner: AsyncIterator<Page<T>>): AsyncIterator<Page<T>> {
  const trail = new CallTrail();
  return {
    async next() {
      const result = await onTrail(trail, () => inner.next());
      const source = result.done ? undefined : trail.take();
      return result.done || !source ? result : { done: false, value: sourced(result.value, source) };
    },
    async return() {
      return (await inner.return?.()) ?? { done: true, value: undefined };
    },
  };
}

const sourced = <T extends Sourced>(page: Page<T>, via: DataSource): Page<T> => ({
  ...page,
  items: page.items.map((item) => (item.via ? item : { ...item, via })),
});
