import { isMembers } from './mongo-filter.ts';
import { MongoTextError, parseMongoText } from './mongo-text.ts';

export type Order = Record<string, 1 | -1>;

/** An order as it comes over the wire; undefined for empty or absent text. Throws MongoTextError. */
export function readOrder(text: string | undefined): Order | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const order = parseMongoText(text);
  if (!isMembers(order)) throw new MongoTextError('an order is an object');
  for (const [name, direction] of Object.entries(order)) {
    if (name === '' || name.startsWith('$')) throw new MongoTextError(`${name} is no field`);
    if (direction !== 1 && direction !== -1) throw new MongoTextError('a direction is 1 or -1');
  }
  return Object.keys(order).length === 0 ? undefined : (order as Order);
}
