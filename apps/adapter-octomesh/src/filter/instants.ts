import type { Comparison } from '@tributary/contracts';
import type { Attribute } from '../schema/model.ts';

const SECONDS = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})/;
const MARGIN_MS = 1_000;

/**
 * Bounds that hold everything a comparison of times may want, a second wider on either side: we compare times of
 * records as text, to the digit, and the vendor as times.
 */
export function compileInstant({ operator, value }: Comparison, { name, operators }: Attribute) {
  const text = typeof value === 'string' ? SECONDS.exec(value)?.[1] : undefined;
  const atMs = text === undefined ? Number.NaN : Date.parse(`${text}Z`);
  if (Number.isNaN(atMs)) return undefined;
  const from = { [name]: { gte: instantText(atMs - MARGIN_MS) } };
  const to = { [name]: { lte: instantText(atMs + 2 * MARGIN_MS) } };
  const [hasFrom, hasTo] = [operators.has('gte'), operators.has('lte')];
  if (operator === 'gt' || operator === 'ge') return hasFrom ? [from] : undefined;
  if (operator === 'lt' || operator === 'le') return hasTo ? [to] : undefined;
  return operator === 'eq' && hasFrom && hasTo ? [from, to] : undefined;
}

const instantText = (ms: number): string => new Date(ms).toISOString();
