import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isPlatformId, makeRoom, named } from './make-room.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'new-adapter-'));
  mkdirSync(join(root, 'docs'));
  mkdirSync(join(root, 'libs', 'simulators', 'src'), { recursive: true });
  writeFileSync(join(root, 'docs', 'quality.md'), '# Rules\n\n## rule-one\n\ntext\n\n## rule-two\n');
  writeFileSync(join(root, 'libs', 'simulators', 'src', 'index.ts'), '');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const platform = { id: 'zulu', displayName: 'ZULU Cloud' };
const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('a new room', () => {
  it('has every file of the plan, of the adapter and of its simulator', () => {
    const files = makeRoom(root, platform);
    const adapter = ['README.md', 'quality.yaml', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
    const src = ['main', 'adapter', 'manifest', 'config', 'auth', 'client', 'wire', 'mapping', 'errors'];
    const simulator = ['server.ts', 'state.ts', 'scenario.ts', 'manifest.ts', 'README.md'];
    expect(files).toEqual(
      expect.arrayContaining([
        ...adapter.map((file) => `apps/adapter-zulu/${file}`),
        ...src.map((file) => `apps/adapter-zulu/src/${file}.ts`),
        'apps/adapter-zulu/src/capabilities/devices.ts',
        'apps/adapter-zulu/test/conformance.spec.ts',
        'apps/adapter-zulu/test/cases/device/input.json',
        ...simulator.map((file) => `libs/simulators/src/zulu/${file}`),
      ]),
    );
    for (const file of files) expect(read(file)).not.toMatch(/acme/i);
    expect(read('apps/adapter-zulu/quality.yaml')).toContain('rule-one: todo\nrule-two: todo\n');
    expect(read('libs/simulators/src/index.ts')).toContain('startZulu');
  });

  it('is not made over one that is there', () => {
    makeRoom(root, platform);
    const before = read('libs/simulators/src/index.ts');
    expect(() => makeRoom(root, platform)).toThrow('apps/adapter-zulu is there already');
    expect(read('libs/simulators/src/index.ts')).toBe(before);
  });
});

describe('names', () => {
  it('fit where they stand', () => {
    expect(named("class AcmeClient, startAcme, 'ACME-01', `acme`, of Acme", platform)).toBe(
      "class ZuluClient, startZulu, 'ZULU-01', `zulu`, of ZULU Cloud",
    );
  });

  it('of platforms are short words', () => {
    for (const good of ['zulu', 'a1']) expect(isPlatformId(good)).toBe(true);
    for (const bad of [undefined, '', 'a', '1a', 'Zulu', 'zu-lu', '../zulu']) expect(isPlatformId(bad)).toBe(false);
  });
});
