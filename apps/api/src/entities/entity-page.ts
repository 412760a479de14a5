import {
  type AdapterReply,
  type EntityRecord,
  type Filter,
  FilterError,
  formatFilter,
  MalformedResponseError,
  matchesFilter,
  parseFilter,
} from '@tributary/contracts';
import type { Target } from '../gateway/platform-gateway.ts';
import { atPlatform } from '../http/problem-document.ts';
import { ENTITY_FIELDS, evaluatedThere } from './entity-filter.ts';

type Answer = AdapterReply<'entities.query'>;

/** Which part of a filter was evaluated where. */
export interface FilterParts {
  pushed?: string;
  evaluatedHere?: string;
}

/** Who does what of a filter, as an adapter's answer says. Throws 502 where it has left something that is no filter. */
export function partsOf(answer: Answer, filter: Filter, target: Target) {
  const residual = residualOf(answer, target);
  const there = evaluatedThere(filter, residual);
  const parts: FilterParts = {
    ...(there ? { pushed: formatFilter(there) } : {}),
    ...(residual ? { evaluatedHere: formatFilter(residual) } : {}),
  };
  const wanted = (record: EntityRecord) => !residual || matchesFilter(residual, record, ENTITY_FIELDS);
  return { parts, wanted };
}

/** Does what the platform has left of the filter, and says who did what. */
export function evaluatedHere(answer: Answer, filter: Filter | undefined, target: Target) {
  if (!filter) return { items: answer.items };
  const { parts, wanted } = partsOf(answer, filter, target);
  return { items: answer.items.filter(wanted), filter: parts };
}

function residualOf({ residualFilter }: Answer, target: Target): Filter | undefined {
  try {
    return residualFilter === undefined ? undefined : parseFilter(residualFilter);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const detail = 'the adapter has left a filter that cannot be read';
    throw atPlatform(new MalformedResponseError(detail, { cause: error }), target);
  }
}
