import type { Filter } from './tree.ts';

/** The text of a filter; parsing it again gives an equal tree but for positions. */
export function formatFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'compare':
      return `${filter.field} ${filter.operator} ${JSON.stringify(filter.value)}`;
    case 'present':
      return `${filter.field} pr`;
    case 'within':
      return `${filter.field}[${formatFilter(filter.part)}]`;
    case 'not':
      return `not (${formatFilter(filter.part)})`;
    default:
      return filter.parts.map(enclosed).join(` ${filter.kind} `);
  }
}

const enclosed = (part: Filter): string =>
  part.kind === 'and' || part.kind === 'or' ? `(${formatFilter(part)})` : formatFilter(part);
