import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repositoryRoot } from '@tributary/testing';

const docs = join(repositoryRoot, 'docs');
const page = readFileSync(join(docs, 'guarantees.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
/** The last cell of each promise. */
const proofs = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| promise'))
  .map((line) => line.split(' | ').at(-1) ?? '');

const PARTS = /\]\((?<file>[^)]+)\)|“(?<title>[^”]+)”/g;

/** Titles that are not in the file that is named before them. */
function untrue(proof: string): string[] {
  let text = '';
  return [...proof.matchAll(PARTS)].flatMap(({ groups }) => {
    if (groups?.file) text = readFileSync(normalize(join(docs, groups.file)), 'utf8');
    const title = groups?.title;
    return title && !text.includes(title) ? [title] : [];
  });
}

describe('docs/guarantees.md', () => {
  it('names files that are there, and tests that are in them', () => {
    const files = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, file = '']) => file);
    expect(files.length).toBeGreaterThan(30);
    expect(files.filter((file) => !existsSync(join(docs, file)))).toEqual([]);
    expect(proofs.flatMap(untrue)).toEqual([]);
  });

  it('has something that shows each promise, and commands that exist', () => {
    expect(proofs.length).toBeGreaterThan(20);
    expect(proofs.filter((proof) => !proof.includes('](') && !proof.includes('`pnpm'))).toEqual([]);
    const commands = [...page.matchAll(/`pnpm ([a-z:]+)/g)].map(([, name = '']) => name);
    expect(commands.filter((name) => !(name in scripts))).toEqual([]);
  });
});
