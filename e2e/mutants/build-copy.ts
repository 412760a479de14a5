import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '@tributary/testing/harness';

/** An exact text of a built file, which must be there once, and what stands there instead. */
export interface Edit {
  file: string;
  find: string;
  put: string;
}

/** What a package needs to run: its build, its migrations, and links to what it imports. */
const PARTS = ['package.json', 'dist', 'prisma', 'node_modules'];
/** Of no use to a service that runs. */
const LEFT_OUT = /\/dist\/.*\.(?:d\.ts|map|tsbuildinfo)$/;

/**
 * A copy of the built services in which some text is another one. Its packages find each other in the copy, and everything
 * else where it is installed. Throws when a text is not there exactly once: what it would have broken was moved.
 */
export class BuildCopy {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(edits: readonly Edit[]): Promise<BuildCopy> {
    const copy = new BuildCopy(await mkdtemp(join(tmpdir(), 'tributary-build-')));
    try {
      await symlink(join(repositoryRoot, 'node_modules'), join(copy.root, 'node_modules'));
      for (const group of ['apps', 'libs']) await copy.#take(group);
      for (const edit of edits) await copy.#change(edit);
      return copy;
    } catch (error) {
      await copy.remove();
      throw error;
    }
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }

  async #take(group: string): Promise<void> {
    for (const name of await readdir(join(repositoryRoot, group))) {
      const [from, to] = [join(repositoryRoot, group, name), join(this.root, group, name)];
      await mkdir(to, { recursive: true });
      for (const part of PARTS) {
        const there = await lstat(join(from, part)).catch(() => undefined);
        if (!there) continue;
        const filter = (path: string) => !LEFT_OUT.test(path);
        await cp(join(from, part), join(to, part), { recursive: true, verbatimSymlinks: true, filter });
      }
    }
  }

  async #change({ file, find, put }: Edit): Promise<void> {
    const path = join(this.root, file);
    const text = await readFile(path, 'utf8');
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`${file} has this text ${times} times, not once:\n${find}`);
    await writeFile(
      path,
      text.replace(find, () => put),
    );
  }
}
