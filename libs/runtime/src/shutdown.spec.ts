import { describe, expect, it } from '@jest/globals';
import { silentLogger } from './logging.ts';
import { Shutdown } from './shutdown.ts';

describe('Shutdown', () => {
  it('stops what was started last first, and goes on when a step fails', async () => {
    const shutdown = new Shutdown(silentLogger);
    const stopped: string[] = [];
    shutdown.add('first', () => void stopped.push('first'));
    shutdown.add('second', () => Promise.reject(new Error('cannot')));
    shutdown.add('third', async () => void stopped.push('third'));
    await shutdown.run('test');
    expect(stopped).toEqual(['third', 'first']);
  });

  it('runs once, however often it is asked, and aborts its signal first', async () => {
    const shutdown = new Shutdown(silentLogger);
    let stops = 0;
    shutdown.add('only', () => {
      expect(shutdown.signal.aborted).toBe(true);
      stops += 1;
    });
    await Promise.all([shutdown.run('a'), shutdown.run('b')]);
    expect(stops).toBe(1);
  });
});
