import type { Adapter, PointBatch } from '@tributary/adapter-kit';
import { MalformedResponseError } from '@tributary/contracts';
import type { DocumentMapping } from '../config.ts';
import { batchesOf, type Misfit, readingOf } from '../mapping.ts';
import { document } from '../wire.ts';
import { misfitKind, misfitText } from './telemetry.misfits.ts';

const MISFITS: readonly Misfit[] = ['deviceField', 'timeField', 'values'];

/** Documents that did not fit their mapping, read again under the mapping of today. */
export function misfitItems(mappings: readonly DocumentMapping[]): NonNullable<Adapter['items']> {
  const read = (item: unknown, { mesh }: Record<string, string>): PointBatch[] => readAgain(mappings, mesh, item);
  return Object.fromEntries(MISFITS.map((misfit) => [misfitKind(misfit), read]));
}

function readAgain(mappings: readonly DocumentMapping[], mesh: string | undefined, item: unknown): PointBatch[] {
  const parsed = document.safeParse(item);
  if (!parsed.success) throw new MalformedResponseError('it is no document');
  const problems: string[] = [];
  for (const mapping of mappings.filter((one) => one.mesh === mesh)) {
    const reading = readingOf(parsed.data, mapping);
    if (typeof reading !== 'string') return batchesOf([reading], 'replay');
    problems.push(misfitText(reading, mapping));
  }
  if (problems.length === 0) throw new MalformedResponseError('no mapping of this connection is for its mesh');
  throw new MalformedResponseError(`the document does not have ${problems.join(', nor ')}`);
}
