import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const bootstrap = join(import.meta.dirname, 'bootstrap.mjs');

/** Runs the set-up under a Node that says it is of another version. */
function underNode(version: string) {
  const stub = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  const preload = `data:text/javascript,${encodeURIComponent(stub)}`;
  return spawnSync(process.execPath, ['--import', preload, bootstrap, 'up'], { encoding: 'utf8', timeout: 10_000 });
}

describe('first steps', () => {
  it.each(['18.20.4', '16.13.0'])('Node %s is refused with what to do', (version) => {
    const { status, stderr } = underNode(version);
    expect(status).toBe(1);
    expect(stderr).toBe(`Node ${version} is too old: install Node 20 or newer, then run this again.\n`);
  });
});
