import type { Channel } from 'amqplib';

/**
 * Closes a channel; resolves when it is closed, however that came about. amqplib's own promise never settles when the
 * connection is lost before the broker has answered, so nobody may wait for that alone.
 */
export function closeChannel(channel: Channel): Promise<void> {
  return new Promise((resolve) => {
    const done = () => resolve();
    channel.once('close', done);
    // It rejects when the channel was closed before, and that is closed too.
    channel.close().then(done, done);
  });
}
