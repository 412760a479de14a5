import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@tributary/runtime';
import { eventFrame, HEARTBEAT_MS, SseWriter } from './sse-stream.ts';

class FakeResponse extends EventEmitter {
  readonly written: string[] = [];
  full = false;
  get writableNeedDrain(): boolean {
    return this.full;
  }
  write(text: string): boolean {
    this.written.push(text);
    return !this.full;
  }
  end(): void {
    this.written.push('(end)');
  }
}

const setUp = () => {
  const response = new FakeResponse();
  const clock = new ManualClock();
  const controller = new AbortController();
  const writer = new SseWriter(response as unknown as ServerResponse, clock, controller.signal);
  return { response, clock, controller, writer };
};

describe('SseWriter', () => {
  it('writes a comment after 15 quiet seconds, and none where events flow', async () => {
    const { response, clock, writer } = setUp();
    await clock.advance(HEARTBEAT_MS);
    expect(response.written.filter((text) => text.startsWith(':'))).toHaveLength(1);
    await writer.write('data: 1\n\n');
    await clock.advance(HEARTBEAT_MS);
    expect(response.written.filter((text) => text.startsWith(':'))).toHaveLength(1);
    writer.end();
    await clock.advance(10 * HEARTBEAT_MS);
    expect(response.written.at(-1)).toBe('(end)');
  });

  it('says with the comment how far the log was looked at, and never where an event has been since', async () => {
    const { response, clock, writer } = setUp();
    writer.begin('c0');
    expect(response.written.at(-1)).toBe('id: c0\n\n');
    writer.passed('c7');
    await clock.advance(HEARTBEAT_MS);
    expect(response.written.at(-1)).toBe(': still here\nid: c7\n\n');
    writer.passed('c8');
    await writer.write('id: c9\ndata: 1\n\n');
    await clock.advance(2 * HEARTBEAT_MS);
    expect(response.written.at(-1)).toBe(': still here\n\n');
    writer.end();
  });

  it('waits for a slow reader, and gives up when it goes', async () => {
    const { response, controller, writer } = setUp();
    response.full = true;
    let done = false;
    const writing = writer.write('data: 1\n\n').then(() => {
      done = true;
    });
    await Promise.resolve();
    expect(done).toBe(false);
    response.emit('drain');
    await writing;
    const stuck = writer.write('data: 2\n\n');
    controller.abort(new Error('gone'));
    await expect(stuck).rejects.toThrow();
    await expect(writer.write('data: 3\n\n')).rejects.toThrow('gone');
  });
});

describe('eventFrame', () => {
  it('keeps the data on one line', () => {
    const con = `con_${'a'.repeat(26)}`;
    const frame = eventFrame({
      cursor: 'c1',
      routingKey: `acme.device.updated.acme.${con}.dev_x`,
      event: {},
      text: '{\n"a": 1\r\n}',
      publishedAtS: 0,
    });
    expect(frame).toBe('id: c1\nevent: device.updated\ndata: { "a": 1 }\n\n');
  });
});
