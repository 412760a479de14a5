import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@tributary/runtime';
import type { ConfirmChannel, ConsumeMessage, Options } from 'amqplib';
import { type OutgoingRequest, RmqRequestClient } from './rmq-request-client.ts';

type Written = { queue: string; packet: { pattern: string; data: unknown; id: string }; options: Options.Publish };

/** As much of a channel as the client uses. */
class FakeChannel extends EventEmitter {
  readonly written: Written[] = [];
  onReply: (message: ConsumeMessage | null) => void = () => {};
  confirm: (error: Error | null) => void = () => {};

  async consume(_queue: string, onReply: (message: ConsumeMessage | null) => void): Promise<void> {
    this.onReply = onReply;
  }

  publish(_exchange: string, queue: string, content: Buffer, options: Options.Publish, confirm: () => void): boolean {
    this.written.push({ queue, packet: JSON.parse(String(content)), options });
    this.confirm = confirm;
    return true;
  }

  reply(body: unknown, correlationId: unknown): void {
    const properties = { correlationId } as ConsumeMessage['properties'];
    const content = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    this.onReply({ content, properties, fields: {} as ConsumeMessage['fields'] });
  }
}

const request: OutgoingRequest = { queue: 'q', payload: { a: 1 }, options: { expiration: '5' } };
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

async function ask() {
  const client = new RmqRequestClient(silentLogger);
  const channel = new FakeChannel();
  await client.use(channel as unknown as ConfirmChannel);
  const outcome: unknown[] = [];
  const subscription = client.send<unknown, OutgoingRequest>('files.list', request).subscribe({
    next: (value) => outcome.push({ value }),
    error: (error) => outcome.push({ error }),
  });
  await settled();
  return { client, channel, outcome, subscription };
}

describe('the RMQ client for requests', () => {
  it('writes a packet as Nest reads it, mandatory and not kept', async () => {
    const { channel, client, outcome } = await ask();
    const [written] = channel.written;
    expect(written?.packet).toMatchObject({ pattern: 'files.list', data: { a: 1 } });
    expect(written).toMatchObject({ queue: 'q', options: { expiration: '5', mandatory: true, persistent: false } });
    channel.reply({ response: 7, isDisposed: true }, written?.options.correlationId);
    await settled();
    expect(outcome).toEqual([{ value: 7 }]);
    expect(client.open).toBe(0);
  });

  it('keeps nothing of a question that is given up', async () => {
    const { channel, client, outcome, subscription } = await ask();
    expect(client.open).toBe(1);
    subscription.unsubscribe();
    expect(client.open).toBe(0);
    channel.reply({ response: 7, isDisposed: true }, channel.written[0]?.options.correlationId);
    await settled();
    expect(outcome).toEqual([]);
  });

  it('stands answers that nobody waits for or that make no sense', async () => {
    const { channel, outcome } = await ask();
    for (const id of [undefined, 'error', '__proto__', 'unknown']) channel.reply({ response: 1 }, id);
    channel.onReply(null);
    await settled();
    expect(outcome).toEqual([]);
    channel.reply('no json', channel.written[0]?.options.correlationId);
    await settled();
    expect(outcome).toHaveLength(1);
  });

  it('tells a full queue and a lost channel apart', async () => {
    const full = await ask();
    full.channel.confirm(new Error('message nacked'));
    expect(full.outcome).toMatchObject([{ error: { code: 'unavailable' } }]);
    const cut = await ask();
    cut.client.lost('cut');
    cut.channel.confirm(new Error('channel closed'));
    expect(cut.outcome).toMatchObject([{ error: { code: 'timeout' } }]);
    expect(cut.client.open).toBe(0);
  });
});
