import { describe, expect, it } from '@jest/globals';
import { readme, regions } from './readme.ts';

describe('the TypeScript of README.md', () => {
  it('is that of the tour (else: node tools/tour/readme.ts)', () => {
    const { is, shouldBe } = readme();
    expect(is).toBe(shouldBe);
    expect(is.match(/<!-- tour: /g)?.length).toBeGreaterThanOrEqual(5);
    expect(regions().size).toBeGreaterThanOrEqual(5);
  });
});
