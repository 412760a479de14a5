import { type Filter, FilterError, parseFilter } from '@tributary/contracts';
import { badRequest } from '../http/problem-error.ts';

/** What `use` makes of a filter. Throws a 400 that says at which character, for what is none and for what `use` refuses. */
export function readFilter<T>(text: string, use: (filter: Filter) => T, pointer = '/query/filter'): T {
  try {
    return use(parseFilter(text));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw badRequest([{ pointer, detail: `at character ${error.position}: ${error.message}` }]);
  }
}
