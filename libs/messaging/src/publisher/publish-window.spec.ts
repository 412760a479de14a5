import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PublishWindow, type WindowEntry } from './publish-window.ts';

type Step = 'add' | 'take' | 'confirm' | 'refuse' | 'wake' | 'lose' | 'abort';
const steps: Step[] = ['add', 'take', 'confirm', 'refuse', 'wake', 'lose', 'abort'];

/** A broker and a caller played by chance. */
class Play {
  readonly window = new PublishWindow<number>();
  readonly open = new Map<number, WindowEntry<number>>();
  /** Sequence numbers written on the present channel, in order. */
  writtenHere: number[] = [];
  added = 0;
  settled = 0;

  run(step: Step, pick: number): void {
    if (step === 'add') this.remember(this.window.add(this.added++));
    else if (step === 'take') this.take();
    else if (step === 'lose') {
      this.window.channelLost();
      this.writtenHere = [];
    } else this.act(step, pick);
  }

  private remember(entry: WindowEntry<number>): void {
    this.open.set(entry.seq, entry);
  }

  private take(): void {
    const entry = this.window.take(0);
    if (entry) this.writtenHere.push(entry.seq);
  }

  private act(step: Step, pick: number): void {
    const candidates = [...this.open.values()].filter((entry) =>
      step === 'abort' ? true : entry.state === (step === 'wake' ? 'resting' : 'written'),
    );
    const entry = candidates[pick % Math.max(1, candidates.length)];
    if (!entry) return;
    if (step === 'refuse') this.window.refuse(entry);
    else if (step === 'wake') this.window.wake(entry);
    else {
      expect(this.window.settle(entry)).toBe(true);
      expect(this.window.settle(entry)).toBe(false);
      this.open.delete(entry.seq);
      this.settled += 1;
    }
  }
}

describe('publish window', () => {
  it('forgets nothing, settles each message once, and empties when the broker takes everything', () => {
    const plan = fc.array(fc.tuple(fc.constantFrom(...steps), fc.nat(50)), { maxLength: 200 });
    fc.assert(
      fc.property(plan, (moves) => {
        const play = new Play();
        for (const [step, pick] of moves) {
          play.run(step, pick);
          expect(play.window.size).toBe(play.added - play.settled);
        }
        for (const entry of play.open.values()) play.window.wake(entry);
        play.window.channelLost();
        const rest: number[] = [];
        for (let entry = play.window.take(0); entry; entry = play.window.take(0)) {
          rest.push(entry.item);
          play.window.settle(entry);
        }
        expect(rest).toEqual([...play.open.values()].map((entry) => entry.item));
        expect(play.window.size).toBe(0);
      }),
    );
  });

  it('writes in the order of acceptance, again after a lost channel', () => {
    const window = new PublishWindow<string>();
    for (const item of ['a', 'b', 'c', 'd']) window.add(item);
    const first = window.take(1);
    window.take(2);
    const third = window.take(3);
    if (first) window.settle(first);
    if (third) window.refuse(third);
    expect(window.oldestWrittenMs()).toBe(2);
    expect(window.channelLost()).toBe(1);
    expect(window.oldestWrittenMs()).toBeUndefined();
    expect([window.take(4)?.item, window.take(4)?.item, window.take(4)]).toEqual(['b', 'd', undefined]);
    if (third) window.wake(third);
    expect(window.take(5)).toMatchObject({ item: 'c', refusals: 1 });
  });

  it('counts no waiting in which the broker may be silent', () => {
    const window = new PublishWindow<string>();
    window.add('a');
    window.take(10);
    window.restartWaiting(500);
    expect(window.oldestWrittenMs()).toBe(500);
  });
});
