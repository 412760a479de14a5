import { writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded into a process whose memory is looked at (`--import`). At SIGUSR2 it collects everything that nobody holds any
 * more and says what is left, by kind: only so what is held differs from what Node has not collected yet.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('SIGUSR2', () => {
  collect();
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  writeSync(1, `${JSON.stringify({ msg: 'memory held', heapUsed, external, arrayBuffers })}\n`);
});
