import { AsyncLocalStorage } from 'node:async_hooks';

/** Whom the work at hand is done for. */
interface Served {
  workspace?: string;
}

/** A statement of the fenced database was asked for by work that serves nobody, or a second one after the first. */
export class FenceError extends Error {
  override readonly name = 'FenceError';
}

/**
 * Knows which workspace is being served, however deep in the work for it a statement is asked for. Whoever takes a request
 * opens the fence; whoever has checked the caller's proof enters his workspace; nothing in between can choose.
 */
export class WorkspaceFence {
  readonly #served = new AsyncLocalStorage<Served>();

  /** Runs work for a caller who is not known yet: the fenced database shows it nothing until `enter`. */
  open<T>(work: () => T): T {
    return this.#served.run({}, work);
  }

  /** From here on the work serves this workspace. Throws `FenceError` where no fence is open or another was entered. */
  enter(workspace: string): void {
    const served = this.#here();
    if (workspace === '') throw new FenceError('a workspace has a name');
    if (served.workspace !== undefined && served.workspace !== workspace)
      throw new FenceError('a request serves one workspace');
    served.workspace = workspace;
  }

  /** Runs work for a workspace that is known. */
  within<T>(workspace: string, work: () => T): T {
    return this.open(() => {
      this.enter(workspace);
      return work();
    });
  }

  /** The workspace that is served; undefined before `enter`. Throws `FenceError` where no fence is open. */
  served(): string | undefined {
    return this.#here().workspace;
  }

  #here(): Served {
    const served = this.#served.getStore();
    if (!served) throw new FenceError('a fenced statement was asked for outside a request');
    return served;
  }
}
