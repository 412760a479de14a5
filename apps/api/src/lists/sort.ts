import { badRequest } from '../http/problem-error.ts';

export interface SortField {
  field: string;
  descending: boolean;
}

/** Reads `-name,createdAt`. Throws 400 for a field that cannot be sorted by or that stands twice. */
export function parseSort(text: string | undefined, sortable: readonly string[], pointer = '/query/sort'): SortField[] {
  if (text === undefined) return [];
  const fields = text.split(',').map((part) => ({ field: part.replace(/^-/, ''), descending: part.startsWith('-') }));
  for (const { field } of fields) {
    if (!sortable.includes(field)) {
      throw badRequest([
        {
          pointer,
          detail: `cannot sort by "${field.slice(0, 80)}"; sortable are ${sortable.join(', ')}`,
        },
      ]);
    }
  }
  if (new Set(fields.map((f) => f.field)).size < fields.length) {
    throw badRequest([{ pointer, detail: 'a field stands twice' }]);
  }
  return fields;
}
