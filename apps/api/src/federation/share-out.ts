import type { Place, Position } from './position.ts';
import { behind, type Found, type Reading } from './reading.ts';

/**
 * Each source is asked for its share of the page and no more, so that whatever was fetched is given and every source
 * stands at a cursor of its own. What some leave of their share is not given to others: a share that has grown once would
 * shrink again, and there are platforms whose pages have a number only together with their length. Where there are more
 * sources than places they take turns.
 */
export async function shareOut<S>({ sources, limit, read }: Reading<S>): Promise<Found<S>> {
  const open = sources.filter(({ position }) => typeof position === 'object');
  const asked = open.slice(0, limit);
  const share = Math.floor(limit / Math.max(1, asked.length));
  const pages = await Promise.all(
    asked.map(async ({ source, position }, i) => {
      const { at } = position as Place;
      const own = share + (i < limit % asked.length ? 1 : 0);
      return { source, at, page: await read(source, { ...(at === undefined ? {} : { at }), limit: own }) };
    }),
  );
  const found: Found<S> = { items: [], positions: new Map(inTurn(sources, asked)) };
  for (const { source, at, page } of pages) {
    if (!page) continue;
    const wanted = page.records.filter((record) => page.wanted(record));
    found.items.push(...wanted.map((record) => ({ source, record })));
    found.positions.set(source, behind(page, at));
  }
  return found;
}

/** Who was passed over comes first next time. */
function inTurn<S>(sources: Reading<S>['sources'], asked: Reading<S>['sources']): [S, Position][] {
  const others = sources.filter((each) => !asked.includes(each));
  const waiting = others.some(({ position }) => typeof position === 'object');
  return (waiting ? [...others, ...asked] : sources).map(({ source, position }) => [source, position]);
}
