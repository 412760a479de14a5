import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const main = join(import.meta.dirname, 'main.ts');
const run = (...args: string[]) =>
  spawnSync(process.execPath, [main, ...args], { encoding: 'utf8', env: { PATH: '' } });

it('a probe of what is no platform says how it is used', () => {
  for (const args of [[], ['no-such-platform']]) {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain('usage: probe');
  }
}, 60_000);

it('a file that is no connection is refused without a word of what is in it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'probe-'));
  const file = join(folder, 'connection.json');
  try {
    for (const text of ['{"credentials": {"password": "hunter2"', '{"credentials":{"password":["hunter2"]}}']) {
      writeFileSync(file, text);
      const { status, stdout, stderr } = run('opticloud', file);
      expect(status).not.toBe(0);
      expect(stdout + stderr).not.toContain('hunter2');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
