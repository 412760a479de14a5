import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logging.ts';
import { Secret } from './secret.ts';

function recording() {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { lines, log: createLogger({ service: 'test', level: 'debug', format: 'json', destination }) };
}

describe('createLogger', () => {
  it('writes time, level and service as text', () => {
    const { lines, log } = recording();
    log.info({ port: 1 }, 'ready');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', service: 'test', msg: 'ready', port: 1 });
  });

  it('prints no secret, wrapped or by its usual names', () => {
    const { lines, log } = recording();
    const canary = 'canary-7f3a';
    log.info({
      wrapped: new Secret(canary),
      password: canary,
      settings: { token: canary },
      a: { b: { secret: canary } },
    });
    log.error({ request: { headers: { authorization: canary, 'x-authorization': canary } } }, 'failed');
    expect(lines.join('')).not.toContain(canary);
  });
});
