import { describe, expect, it } from '@jest/globals';
import { capture } from './command.ts';

describe('commands', () => {
  it('keep what they print, standard output also by itself', async () => {
    const lines: string[] = [];
    const result = await capture('sh', ['-c', 'echo out; echo err >&2; exit 3'], {
      onLine: (line) => lines.push(line),
    });
    expect(result.code).toBe(3);
    expect(result.stdout).toBe('out\n');
    expect(result.output.split('\n').toSorted()).toEqual(['', 'err', 'out']);
    expect(lines).toContain('out');
  });

  it('are 127 where there is no such program', async () => {
    expect((await capture('no-such-program-here', [])).code).toBe(127);
  });

  it('are ended, with all they started, when their time is over', async () => {
    const inner = '(trap "echo the inner one too; exit" TERM; sleep 60 & wait) & wait';
    const result = await capture('sh', ['-c', inner], { deadlineMs: 100 });
    expect(result.code).toBe(124);
    expect(result.output).toBe('the inner one too\n\nit was not done after 0.1 s');
  });

  it('are ended when they are interrupted, and that is what the caller gets', async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal, onLine: () => controller.abort(new Error('Ctrl-C')) };
    await expect(capture('sh', ['-c', 'echo started; sleep 60'], options)).rejects.toThrow('Ctrl-C');
  });

  it('do not wait for a daemon that keeps their output open', async () => {
    const result = await capture('sh', ['-c', 'sleep 60 & echo $!']);
    process.kill(Number(result.stdout.trim()));
    expect(result.code).toBe(0);
  });
});
