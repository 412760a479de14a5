import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { missingPrograms } from '@tributary/testing/harness';
import { Campaign } from '../chaos/campaign.ts';

const describeWhere = missingPrograms().length === 0 ? describe : describe.skip;

/** A slice of `pnpm chaos`: the same house, hurt three times over, a few faults each. */
describeWhere('the campaign', () => {
  const lines: string[] = [];
  let campaign: Campaign;

  beforeAll(async () => {
    campaign = await Campaign.open({ seed: 1, say: (line) => lines.push(line) });
  }, 300_000);

  afterAll(() => campaign?.close(), 120_000);

  it.each([1, 2, 3])(
    'seed %d breaks no promise',
    async (seed) => {
      lines.length = 0;
      const { violations, counts } = await campaign.round({ seed, faults: 4, spacing: 400 });
      if (violations.length > 0) throw new Error(lines.join('\n'));
      expect(counts.lost).toBe(0);
      expect(counts.stored).toBeGreaterThan(1_000);
    },
    600_000,
  );
});
