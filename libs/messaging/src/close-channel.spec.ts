import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { Channel } from 'amqplib';
import { closeChannel } from './close-channel.ts';

/** A channel whose `close` does what the test says. */
class FakeChannel extends EventEmitter {
  constructor(readonly close: () => Promise<void>) {
    super();
  }
}

const closing = (close: () => Promise<void>) => {
  const channel = new FakeChannel(close);
  return { channel, closed: closeChannel(channel as unknown as Channel) };
};

describe('closing a channel', () => {
  it('ends when the broker answers, and when the channel was closed before', async () => {
    await closing(async () => {}).closed;
    await closing(async () => Promise.reject(new Error('Channel closed'))).closed;
  });

  it('ends when the connection is lost and no answer can come', async () => {
    const { channel, closed } = closing(() => new Promise(() => {}));
    channel.emit('close');
    await closed;
    expect(channel.listenerCount('close')).toBe(0);
  });
});
