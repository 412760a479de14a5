import { flatten, isName } from '../dialect/names.ts';
import { ucumOf } from '../units.ts';
import { type ConstructionKit, kitUnits } from '../wire.ts';
import type { Libraries } from './model.ts';

/** Ids of libraries, and the units that their types tell of. */
export function readLibraries(kits: readonly ConstructionKit[]): Libraries {
  const ids = kits.map(({ libraryId }) => libraryId).filter((id) => isName(flatten(id)));
  return { ids: [...new Set(ids)], units: new Map(kits.flatMap(unitsOf)) };
}

function unitsOf(kit: ConstructionKit): [string, ReadonlyMap<string, string>][] {
  const read = kitUnits.safeParse(kit);
  if (!read.success) return [];
  return read.data.types.map(({ typeId, attributes }) => {
    const units = attributes.flatMap(({ name, unit }): [string, string][] => {
      const code = unit ? ucumOf(unit) : undefined;
      return code === undefined ? [] : [[name, code]];
    });
    return [flatten(`${read.data.libraryId}/${typeId}`), new Map(units)];
  });
}
