import type { Answer } from './read-json.ts';
import { TributaryError } from './tributary-error.ts';

export interface ChangeSteps<T, Patch> {
  read(): Promise<Answer<T>>;
  /** The patch for what is there now; undefined where nothing has to change. */
  decide(current: T): Patch | undefined | Promise<Patch | undefined>;
  write(patch: Patch, etag: string): Promise<T>;
  /** How often another writer may have been first. */
  attempts: number;
}

/**
 * Reads, decides, and writes if nobody else has meanwhile; else begins again with what is there now. Resolves with the
 * resource as it then is. Throws `precondition-failed` where others were always first.
 */
export async function changeResource<T, Patch>(steps: ChangeSteps<T, Patch>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const { data, etag } = await steps.read();
    const patch = await steps.decide(data);
    if (patch === undefined) return data;
    if (etag === undefined) throw new TypeError('the resource has no ETag to hold a change against');
    try {
      return await steps.write(patch, etag);
    } catch (error) {
      const changed = error instanceof TributaryError && error.status === 412;
      if (!changed || attempt >= steps.attempts) throw error;
    }
  }
}
