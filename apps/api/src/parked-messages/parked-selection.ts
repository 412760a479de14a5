import type { parkedSelection } from '@tributary/contracts';
import type { z } from 'zod';
import { filterToSql } from '../lists/filter-sql.ts';
import { readFilter } from '../lists/read-filter.ts';
import type { Parameters } from '../lists/sql.ts';
import { parkedList, visibleParked } from './parked-list.ts';

export type ParkedSelection = z.output<typeof parkedSelection>;

/**
 * The condition on `parked_message p` for what a caller of `workspace` selects among what is parked. Throws a 400 for a
 * filter that is none.
 */
export function selected(
  workspace: string,
  { ids, fingerprint, filter }: ParkedSelection,
  parameters: Parameters,
): string {
  const conditions = [visibleParked(parameters.add(workspace, 'text')), `p.state = 'parked'`];
  if (ids) conditions.push(`p.id = any(${parameters.add(ids, 'text[]')})`);
  if (fingerprint !== undefined) conditions.push(`p.fingerprint = ${parameters.add(fingerprint, 'text')}`);
  if (filter !== undefined) {
    conditions.push(readFilter(filter, (tree) => filterToSql(tree, parkedList.filter, parameters), '/body/filter'));
  }
  return conditions.join(' and ');
}
