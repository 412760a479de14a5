import type { CoveredSpan } from '@tributary/adapter-kit';

/** One look at a mesh to its end: everything of [fromMs, toMs), and where it goes on from an earlier one all before. */
export interface MeshLook {
  fromMs: number;
  toMs: number;
  goesOn: boolean;
}

interface Read {
  look?: MeshLook;
  refused?: boolean;
}

const REFUSED = 'a part of the records that measurements are kept in may not be read';

/**
 * What the polls of all mapped meshes cover together. Which devices a mesh holds is not known by their names, so all
 * devices are covered up to where the mesh that was read longest ago has been read; in part while one may not be read at
 * all. Pure: the polls bring times.
 */
export class MeshCover {
  readonly #meshes: Map<string, Read>;
  #spokenMs: number | undefined;

  constructor(meshes: Iterable<string>) {
    this.#meshes = new Map([...meshes].map((mesh) => [mesh, {}]));
  }

  read(mesh: string, look: MeshLook): CoveredSpan[] {
    this.#meshes.set(mesh, { look });
    const all = [...this.#meshes.values()];
    const readable = all.filter(({ refused }) => refused !== true);
    const looks = readable.flatMap((one) => one.look ?? []);
    if (looks.length < readable.length) return [];
    const fromMs = this.#spokenMs ?? beginningOf(looks);
    const toMs = Math.min(...looks.map((one) => one.toMs));
    if (toMs <= fromMs) return [];
    this.#spokenMs = toMs;
    return [looks.length < all.length ? { fromMs, toMs, state: 'partial', reason: REFUSED } : { fromMs, toMs }];
  }

  /** The user may not read it. */
  refuse(mesh: string): void {
    this.#meshes.set(mesh, { ...this.#meshes.get(mesh), refused: true });
  }

  /** What was brought is not known to have arrived: nothing is said before all meshes have been read again. */
  forget(mesh: string): void {
    this.#meshes.set(mesh, {});
    this.#spokenMs = undefined;
  }
}

/** A mesh that is read for the first time has not been before; of the others nothing was left out. */
function beginningOf(looks: readonly MeshLook[]): number {
  const first = looks.filter(({ goesOn }) => !goesOn).map(({ fromMs }) => fromMs);
  const again = looks.filter(({ goesOn }) => goesOn).map(({ fromMs }) => fromMs);
  return first.length > 0 ? Math.max(...first) : Math.min(...again);
}
