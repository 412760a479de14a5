import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@tributary/runtime';
import { eventSelection } from './event-selection.ts';
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
    });
    expect(frame).toBe('id: c1\nevent: device.updated\ndata: { "a": 1 }\n\n');
  });
});

describe('eventSelection', () => {
  const con = `con_${'a'.repeat(26)}`;
  const key = (workspace: string, event: string, subject = 'dev_x') => `${workspace}.${event}.acme.${con}.${subject}`;
  it('fences the workspace before anything else', () => {
    const all = eventSelection('acme', {});
    expect(all(key('acme', 'device.updated'))).toBe(true);
    expect(all(key('acme2', 'device.updated'))).toBe(false);
    expect(all(key('other', 'device.updated'))).toBe(false);
    expect(all('acme.nonsense')).toBe(false);
  });
  it('knows names, areas, subjects, connections and platforms', () => {
    expect(eventSelection('acme', { types: ['device'] })(key('acme', 'device.updated'))).toBe(true);
    expect(eventSelection('acme', { types: ['device.removed'] })(key('acme', 'device.updated'))).toBe(false);
    expect(eventSelection('acme', { subjects: ['dev_y'] })(key('acme', 'device.updated'))).toBe(false);
    expect(eventSelection('acme', { connectionId: con, platform: 'acme' })(key('acme', 'device.updated'))).toBe(true);
    expect(eventSelection('acme', { platform: 'other' })(key('acme', 'device.updated'))).toBe(false);
  });
});
