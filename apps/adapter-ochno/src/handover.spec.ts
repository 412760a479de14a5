import { describe, expect, it } from '@jest/globals';
import type { MqttMessage } from '@tributary/adapter-kit';
import { Handover } from './handover.ts';

const message = (n: number): MqttMessage => ({
  topic: 't',
  payload: new TextEncoder().encode(`${n}`),
  dup: false,
  retained: false,
  receivedAtMs: 0,
  ack: () => {},
});

describe('Handover', () => {
  it('keeps an old session that is behind, and lets it go when it brings what its successor brings', () => {
    const handover = new Handover(0);
    for (let n = 100; n < 120; n += 1) handover.came('young', message(n), 0);
    for (let n = 0; n < 100; n += 1) {
      handover.came('old', message(n), n * 10);
      expect(handover.isCaughtUp).toBe(false);
    }
    for (let n = 100; n < 105; n += 1) handover.came('old', message(n), 1_000);
    expect(handover.isCaughtUp).toBe(true);
  });

  it('lets go of one that is silent, unless it is held or waits for a confirm', () => {
    const handover = new Handover(0);
    expect(handover.isSilent(999, false)).toBe(false);
    expect(handover.isSilent(1_000, true)).toBe(false);
    expect(handover.isSilent(1_000, false)).toBe(true);
    const settled = handover.came('old', message(1), 2_000);
    expect(handover.isSilent(60_000, false)).toBe(false);
    settled();
    settled();
    expect(handover.isSilent(60_000, false)).toBe(true);
  });

  it('takes one message that a port repeats for no proof', () => {
    const handover = new Handover(0);
    handover.came('young', message(1), 0);
    handover.came('old', message(1), 0);
    expect(handover.isCaughtUp).toBe(false);
  });
});
