import type { z } from 'zod';
import { badRequest } from '../http/problem-error.ts';

/** Keeps the members that `fields=` names; throws 400 for a member that the resource does not have. */
export function chooseFields(text: string | undefined, resource: z.ZodObject): (item: object) => object {
  if (text === undefined) return (item) => item;
  const names = text.split(',');
  const known = Object.keys(resource.shape);
  for (const name of names) {
    if (!known.includes(name)) {
      throw badRequest([
        {
          pointer: '/query/fields',
          detail: `there is no field "${name.slice(0, 80)}"; fields are ${known.join(', ')}`,
        },
      ]);
    }
  }
  return (item) => Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}
