import type { Filter } from '@tributary/contracts';
import { allOf, always, anyOf, type Expression, never, noneOf, textOf } from './expression.ts';
import { type Bounds, comparedAt, comparedId, exactly, presentAt, storedPath, unknown } from './leaves.ts';

export interface Compiled {
  /** Lets through everything that the filter does, and nothing more where `residual` is absent. */
  pushed: Expression;
  /** What of the filter is still to be done. */
  residual?: Filter;
}

/** Percent-encoded characters of a filter: servers take about 8 KiB of address in all. */
const MOST_CHARACTERS = 5_000;

/**
 * Splits a filter into what MeshyDB evaluates exactly as this product does, and the rest. Of what it can only say more
 * or less exactly, the wider reading is sent and the part done again here. What does not fit into an address stays here.
 */
export function compileFilter(filter: Filter): Compiled {
  const pushed: Expression[] = [];
  const left: Filter[] = [];
  let room = MOST_CHARACTERS;
  for (const part of conjunctsOf(filter)) {
    const { over, under } = boundsOf(part);
    const length = over.kind === 'always' ? 0 : encodeURIComponent(textOf(over, 'oid')).length;
    const fits = length <= room;
    if (fits) {
      room -= length;
      pushed.push(over);
    }
    if (!fits || over !== under) left.push(part);
  }
  const [only] = left;
  const residual: Filter | undefined = left.length > 1 ? { kind: 'and', parts: left } : only;
  return { pushed: allOf(pushed), ...(residual ? { residual } : {}) };
}

const conjunctsOf = (filter: Filter): Filter[] =>
  filter.kind === 'and' ? filter.parts.flatMap(conjunctsOf) : [filter];

/** `over` and `under` are one object where the platform says exactly what the filter does. */
export function boundsOf(filter: Filter): Bounds {
  switch (filter.kind) {
    case 'and':
      return joined(allOf, filter.parts.map(boundsOf));
    case 'or':
      return joined(anyOf, filter.parts.map(boundsOf));
    case 'not':
      return negated(boundsOf(filter.part));
    case 'present':
      return present(filter.field);
    case 'compare': {
      if (filter.operator === 'ne') return negated(boundsOf({ ...filter, operator: 'eq' }));
      if (filter.value === null) return filter.operator === 'eq' ? negated(present(filter.field)) : exactly(never);
      if (filter.field === 'nativeId') return comparedId(filter);
      const names = storedPath(filter.field);
      return names ? comparedAt(names, filter) : unknown;
    }
    case 'within':
      return unknown;
  }
}

function present(field: string): Bounds {
  if (field === 'nativeId') return exactly(always);
  const names = storedPath(field);
  return names ? exactly(presentAt(names)) : unknown;
}

function joined(join: (parts: readonly Expression[]) => Expression, parts: readonly Bounds[]): Bounds {
  const over = join(parts.map((part) => part.over));
  if (parts.every((part) => part.over === part.under)) return exactly(over);
  return { over, under: join(parts.map((part) => part.under)) };
}

function negated({ over, under }: Bounds): Bounds {
  if (over === under) return exactly(noneOf(over));
  return { over: noneOf(under), under: noneOf(over) };
}
