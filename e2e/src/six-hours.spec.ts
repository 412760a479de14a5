import { describe, expect, it } from '@jest/globals';
import { fetchedTwice } from '../hours/deep-reads.ts';
import { runHours } from '../hours/run-hours.ts';

const MINUTE = 60_000;
const read = (at: number, fromMs: number, toMs: number, device = 'a') => ({
  ...{ at: at * MINUTE, device },
  ...{ fromMs: fromMs * MINUTE, toMs: toMs * MINUTE },
});

describe('what was fetched twice', () => {
  const minutes = (reads: ReturnType<typeof read>[], kills: number[] = []) =>
    fetchedTwice(reads, { lookBackMs: 10 * MINUTE, kills: kills.map((at) => at * MINUTE) }).map(
      ({ device, minuteMs }) => `${device}${minuteMs / MINUTE}`,
    );

  it('is nothing within the look-back, nor where each part was read once', () => {
    expect(minutes([read(100, 92, 100), read(101, 92, 101), read(102, 93, 102)])).toEqual([]);
    expect(minutes([read(100, 50, 60), read(101, 60, 70), read(101, 50, 60, 'b')])).toEqual([]);
  });

  it('is every old minute that was read again without need', () => {
    expect(minutes([read(100, 50, 53), read(105, 51, 54)])).toEqual(['a51', 'a52']);
  });

  it('is excused by a kill in between, once', () => {
    expect(minutes([read(100, 50, 52), read(105, 50, 52)], [102])).toEqual([]);
    expect(minutes([read(100, 50, 52), read(105, 50, 52), read(106, 50, 52)], [102])).toEqual(['a50', 'a51']);
  });
});

describe('half an hour of all platforms, with kills, in a minute', () => {
  // `pnpm hours` goes through six of them.
  it('leaves nothing that is neither stored nor said to be missing, and fetches nothing twice', async () => {
    const seed = 7;
    const said: string[] = [`seed ${seed}`];
    const results = await runHours({ hours: 0.5, seed, say: (text) => said.push(text) });
    const about = (platform: string) => `${platform}; ${said.join('; ')}`;
    for (const { platform, broken, holes, fetchedTwice: twice, produced, complete, told } of results) {
      expect({ about: about(platform), broken, holes, twice }).toEqual({
        about: about(platform),
        ...{ broken: [], holes: [], twice: [] },
      });
      expect(produced).toBeGreaterThan(100);
      // What listens alone has lost what nobody heard; everybody else has made up for it.
      if (platform === 'ochno') expect(complete).toBeGreaterThan(0.3);
      else expect({ platform, complete, told }).toEqual({ platform, complete: 1, told: 0 });
    }
  }, 240_000);
});
