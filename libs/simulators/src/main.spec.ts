import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from '@jest/globals';
import { call, dig } from '../test/opticloud-caller.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const QUIET = {
  OPTICLOUD_SIMULATOR_PORT: '0',
  OPTICLOUD_SIMULATOR_MQTT_PORT: '0',
  OPTICLOUD_SIMULATOR_CONTROL_PORT: '0',
  OPTICLOUD_SIMULATOR_DEVICES: '5',
};

function start(args: string[], env: Record<string, string> = {}): ChildProcess {
  const flags = ['--experimental-transform-types', '--conditions=source', '--no-warnings'];
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, 'main.ts'), ...args], {
    env: { PATH: process.env.PATH ?? '', ...QUIET, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

async function firstLine(child: ChildProcess): Promise<unknown> {
  if (!child.stdout) throw new Error('no standard output');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return JSON.parse(line);
}

async function refusal(child: ChildProcess): Promise<{ code: number; text: string }> {
  const text = child.stderr ? (await child.stderr.toArray()).join('') : '';
  if (child.exitCode === null) await once(child, 'exit');
  return { code: child.exitCode ?? -1, text };
}

describe('the simulators program', () => {
  it('says in one line where everything is, answers there, and leaves on SIGTERM', async () => {
    const child = start(['opticloud']);
    const ready = await firstLine(child);
    expect(dig(ready, 'ready')).toBe(true);
    const control = dig(ready, 'simulators', 0, 'controlUrl');
    expect((await call(`${control}/_control`)).json).toMatchObject({ platform: 'opticloud', truth: { devices: 17 } });
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  }, 90_000);

  it('takes any free ports where it is told to', async () => {
    // A port that is taken, were it looked at.
    const port = '5432';
    const child = start(['opticloud'], { SIMULATORS_PORTS: 'any', OPTICLOUD_SIMULATOR_PORT: port });
    expect(dig(await firstLine(child), 'simulators', 0, 'url')).not.toContain(`:${port}`);
  }, 90_000);

  it('names every problem of its configuration and leaves with 78', async () => {
    const env = { OPTICLOUD_SIMULATOR_DEVICES: 'many', OPTICLOUD_SIMULATOR_CADENCE: '10' };
    const { code, text } = await refusal(start([], env));
    expect(code).toBe(78);
    expect(text).toContain('OPTICLOUD_SIMULATOR_DEVICES');
    expect(text).toContain('OPTICLOUD_SIMULATOR_CADENCE');
    const unknown = await refusal(start(['atlantis']));
    expect([unknown.code, unknown.text]).toEqual([78, expect.stringContaining('atlantis')]);
  }, 90_000);
});
