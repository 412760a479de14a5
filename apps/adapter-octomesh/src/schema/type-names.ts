import { flatten } from '../dialect/names.ts';

/**
 * Gives flattened names their library back. `IndustryEnergyEnergyMeter` may be `Industry.Energy/EnergyMeter` or
 * `Industry/EnergyEnergyMeter`: names that somebody configured decide, else the longest library that fits. Without the
 * list of libraries the flattened name is all there is; it is understood everywhere.
 */
export class TypeNames {
  readonly #known: ReadonlyMap<string, string>;
  readonly #libraries: readonly { id: string; flat: string }[];

  constructor(libraryIds: readonly string[], configured: readonly string[] = []) {
    this.#known = new Map(configured.map((name) => [flatten(name), name]));
    this.#libraries = libraryIds
      .map((id) => ({ id, flat: flatten(id) }))
      .toSorted((a, b) => b.flat.length - a.flat.length);
  }

  nameOf(flat: string): string {
    const known = this.#known.get(flat);
    if (known !== undefined) return known;
    const library = this.#libraries.find((candidate) => isLibraryOf(candidate.flat, flat));
    return library ? `${library.id}/${flat.slice(library.flat.length)}` : flat;
  }
}

/** Type names begin with a capital, so a library `Indust` has nothing to do with `IndustryMeter`. */
const isLibraryOf = (library: string, flat: string): boolean =>
  library !== '' && flat.startsWith(library) && /^[A-Z_]/.test(flat.slice(library.length));

/** `EnergyMeter` of `Industry.Energy/EnergyMeter`. */
export const shortName = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
