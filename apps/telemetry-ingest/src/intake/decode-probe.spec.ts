import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@tributary/runtime';
import { DecodeProbe, type DecodeProbeOptions } from './decode-probe.ts';

/** Dies of one body, never answers another, runs out of memory with a third. */
const victim = new URL(
  `data:text/javascript,${encodeURIComponent(`
    process.on('message', ({ number, body }) => {
      const text = Buffer.from(body).toString();
      if (text === 'kill') process.abort();
      if (text === 'hang') return;
      if (text === 'eat') { const all = []; for (;;) all.push(new Array(1e6).fill(text)); }
      process.send({ number });
    });
    process.send({ ready: true });`)}`,
);

describe('DecodeProbe', () => {
  let probe: DecodeProbe;
  const start = (options: Partial<DecodeProbeOptions> = {}) => {
    probe = new DecodeProbe({ clock: systemClock, log: silentLogger, ...options });
    return probe;
  };
  afterEach(() => probe.close());

  it('reads whatever can be read, good or bad', async () => {
    const real = start();
    await expect(real.readsSafely(Buffer.from('{"a":1}'))).resolves.toBe(true);
    await expect(real.readsSafely(Buffer.from('{'))).resolves.toBe(true);
    await expect(real.readsSafely(Buffer.from('['.repeat(200_000)))).resolves.toBe(true);
  });

  it('finds the guilty one and goes on with the others', async () => {
    const real = start({ program: await fileOf(victim), timeoutMs: 1_500 });
    const answers = ['a', 'kill', 'b', 'hang', 'c'].map((text) => real.readsSafely(Buffer.from(text)));
    await expect(Promise.all(answers)).resolves.toEqual([true, false, true, false, true]);
  });

  it('does not blame a body when no process can be started', async () => {
    const real = start({ program: new URL('file:///nowhere/at/all.js') });
    await expect(real.readsSafely(Buffer.from('a'))).resolves.toBe(true);
  });
});

async function fileOf(program: URL): Promise<URL> {
  const { mkdtemp, writeFile } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const { pathToFileURL } = await import('node:url');
  const path = join(await mkdtemp(join(tmpdir(), 'tributary-probe-')), 'victim.mjs');
  await writeFile(path, decodeURIComponent(program.pathname.slice('text/javascript,'.length)));
  return pathToFileURL(path);
}
