import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FakePrograms {
  env: NodeJS.ProcessEnv;
  folder: string;
  /** Each call as it was made, in order. */
  calls(): string[];
  remove(): void;
}

/** For tests: programs first on the path that write down how they are called, each with a shell body of its own. */
export function fakePrograms(bodies: Record<string, string>): FakePrograms {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-programs-'));
  const log = join(folder, 'calls');
  for (const [name, body] of Object.entries(bodies)) {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> '${log}'\n${body}\n`);
    chmodSync(file, 0o755);
  }
  return {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    folder,
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
