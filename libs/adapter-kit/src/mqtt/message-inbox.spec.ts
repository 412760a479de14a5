import { describe, expect, it } from '@jest/globals';
import { MessageInbox } from './message-inbox.ts';

function inboxOf() {
  const flow: string[] = [];
  const inbox = new MessageInbox<number>({ pause: () => flow.push('pause'), resume: () => flow.push('resume') });
  return { inbox, flow };
}

async function take(inbox: MessageInbox<number>, count: number): Promise<number[]> {
  const taken: number[] = [];
  for await (const item of inbox.read(new AbortController().signal)) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

describe('MessageInbox', () => {
  it('holds back a socket that is faster than its reader, and lets it go on', async () => {
    const { inbox, flow } = inboxOf();
    inbox.push(0);
    await take(inbox, 1);
    for (let n = 1; n <= 1_000; n += 1) inbox.push(n);
    expect(flow).toEqual(['pause']);
    expect(await take(inbox, 500)).toEqual(Array.from({ length: 500 }, (_, n) => n + 1));
    expect(flow).toEqual(['pause', 'resume']);
  });

  it('holds nothing back from whoever waits for an answer behind the messages', async () => {
    const { inbox, flow } = inboxOf();
    for (let n = 0; n < 1_500; n += 1) inbox.push(n);
    expect(flow).toEqual(['pause']);
    const answered = inbox.keepOpen();
    for (let n = 0; n < 1_500; n += 1) inbox.push(n);
    expect(flow).toEqual(['pause', 'resume']);
    answered();
    expect(flow).toEqual(['pause', 'resume', 'pause']);
    expect(await take(inbox, 3_000)).toHaveLength(3_000);
    expect(flow.at(-1)).toBe('resume');
  });
});
