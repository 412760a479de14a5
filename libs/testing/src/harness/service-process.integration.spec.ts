import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../conditions.ts';
import { entryOf, repositoryRoot } from './packages.ts';

/** Starts a service as a harness does, says its pid, and stays. */
const PARENT = `
  import { ServiceProcess, newSealingKey } from '@tributary/testing/harness';
  const nowhere = '127.0.0.1:9';
  const child = ServiceProcess.spawn({ name: 'orphan', entry: process.argv[1], env: {
    DATABASE_URL: 'postgres://x@' + nowhere + '/x', RABBITMQ_URL: 'amqp://' + nowhere, REDIS_URL: 'redis://' + nowhere,
    TRIBUTARY_KEYS: newSealingKey(), LOG_LEVEL: 'trace' }, onLine: () => process.stdout.write(child.pid + '\\n') });
`;

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a service whose parent is killed', () => {
  it.each(['api', 'telemetry-ingest'])(
    '%s leaves by itself, though nobody reads what it says',
    async (app) => {
      const args = ['--input-type=module', '-e', PARENT, entryOf(app)];
      const env = { ...process.env, NODE_OPTIONS: '' };
      const parent = spawn(process.execPath, args, {
        cwd: `${repositoryRoot}/tools`,
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
      const pid = Number(line);
      expect(alive(pid)).toBe(true);
      parent.kill('SIGKILL');
      await eventually('it has left', () => !alive(pid), { timeoutMs: 40_000 });
    },
    60_000,
  );
});
