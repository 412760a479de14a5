import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repositoryRoot } from '@tributary/testing';
import { mutants } from '../mutants/mutants.ts';

/** Two that are cheap; `pnpm chaos:mutants` runs all of them. */
const CHEAP = ['ack-before-commit', 'session-level-tenant'];

describe('the mistakes that tests must catch', () => {
  it('can be made: each text is in the built file exactly once', () => {
    const edits = mutants.flatMap((mutant) => mutant.edits.map((edit) => ({ mutant: mutant.name, ...edit })));
    const gone = edits.filter(
      ({ file, find }) => readFileSync(join(repositoryRoot, file), 'utf8').split(find).length !== 2,
    );
    expect(gone).toEqual([]);
    expect(mutants).toHaveLength(12);
  });

  it('are caught, and the build as it is holds', () => {
    const args = [join(repositoryRoot, 'e2e', 'mutants', 'main.ts'), ...CHEAP.flatMap((name) => ['--only', name])];
    const env = { ...process.env, NODE_OPTIONS: '' };
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('I1 nothing accepted is lost: 200 of 200 points are lost');
    expect(stdout).toContain('I25 nobody sees another workspace’s rows: bee saw ant');
    expect(stdout).toContain('2 of 2 mutants are caught, and only they');
  }, 240_000);
});
