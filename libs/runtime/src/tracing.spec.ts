import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { currentTraceId, currentTraceparent, openSpan, startTracing, withSpan } from './tracing.ts';

describe('tracing', () => {
  it('is free of effect until an endpoint is configured', async () => {
    const stop = await startTracing('test', undefined);
    const result = await withSpan('work', {}, async () => [currentTraceparent(), 42]);
    expect(result).toEqual([undefined, 42]);
    await stop();
  });

  it('goes on with the trace that came in, and exports its spans', async () => {
    const bodies: string[] = [];
    const collector = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString('latin1')));
      request.on('end', () => response.end());
    }).listen(0);
    await once(collector, 'listening');
    const stop = await startTracing('test', `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`);
    const trace = '0af7651916cd43dd8448eb211c80319c';
    await withSpan('work', { kind: 'consumer', parent: `00-${trace}-b7ad6b7169203331-01` }, async () => {
      expect(currentTraceId()).toBe(trace);
      expect(currentTraceparent()).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
    });
    openSpan('shared work', { parent: `00-${trace}-b7ad6b7169203331-01` })();
    await stop();
    collector.close();
    expect(bodies.join('')).toContain('shared work');
    expect(bodies.join('').split(trace).length - 1).toBe(2);
  });
});
