import { describe, expect, it } from '@jest/globals';
import { spaceId } from '@tributary/contracts';
import { StreamCoverage } from './stream-coverage.ts';

const CONNECTION = `con_${'e'.repeat(26)}`;

function setUp(scope: { space?: string } | undefined = {}) {
  const coverage = new StreamCoverage({
    connectionId: CONNECTION,
    source: 'stream',
    scope,
    run: () => 'run_1',
    underWayMs: 10,
  });
  /** What is written with a checkpoint, in short. */
  const save = (seenMs: number, works = true): string[] => {
    const { list, written } = coverage.until(seenMs);
    if (works) written();
    return list.map(({ state, fromMs, toMs, overrides }) => `${state} ${fromMs}-${toMs}${overrides ? '!' : ''}`);
  };
  return { coverage, save };
}

describe('what a stream covers', () => {
  it('is the time it stood, less what may still be under way, and each stretch once', () => {
    const { coverage, save } = setUp();
    expect(save(500)).toEqual([]);
    coverage.begin(undefined, 1_000, undefined);
    expect(save(1_005)).toEqual([]);
    expect(save(2_000, false)).toEqual(['complete 1000-1990']);
    expect(save(3_000)).toEqual(['complete 1000-2990']);
    expect(save(3_000)).toEqual([]);
    expect(save(4_000)).toEqual(['complete 2990-3990']);
  });

  it('leaves what nobody heard missing until its repair is through, and then says what that found', () => {
    const { coverage, save } = setUp();
    coverage.begin(undefined, 1_000, undefined);
    const missed = { fromMs: 1_990, toMs: 5_001 };
    coverage.begin(missed, 5_001, 2_000);
    expect(save(6_000, false)).toEqual(['complete 5001-5990', 'complete 1000-1990', 'missing 1990-5001']);
    expect(save(6_000)).toHaveLength(3);
    const gap = { fromMs: 1_990, toMs: 3_000, reason: 'it forgets' };
    coverage.repaired(missed, [{ items: [{ type: 'gap', gap }] }]);
    expect(save(6_000)).toEqual(['complete 3000-5001', 'unrecoverable 1990-3000', 'unrecoverable 1990-3000!']);
    expect(save(6_000)).toEqual([]);
  });

  it('never hides a loss that the stream told of, and that lies in time which it covers only later', () => {
    const { coverage, save } = setUp();
    coverage.begin(undefined, 1_000, undefined);
    coverage.lose({ fromMs: 1_500, toMs: 2_500, reason: 'a session broke off' });
    expect(save(2_000)).toEqual(['complete 1000-1990', 'unrecoverable 1500-2500!', 'unrecoverable 1500-2500!']);
    expect(save(3_000)).toEqual(['complete 1990-2990', 'unrecoverable 1500-2500!']);
    expect(save(4_000)).toEqual(['complete 2990-3990']);
  });

  it('is that of the space whose devices it brings, and nothing where it brings no telemetry', () => {
    const { coverage } = setUp({ space: 'company' });
    coverage.begin(undefined, 1_000, undefined);
    expect(coverage.until(2_000).list).toMatchObject([{ spaceId: spaceId(CONNECTION, 'company'), run: 'run_1' }]);
    const silent = new StreamCoverage({
      connectionId: CONNECTION,
      source: 'stream',
      scope: undefined,
      run: () => undefined,
      underWayMs: 10,
    });
    silent.begin({ fromMs: 0, toMs: 10 }, 10, 5);
    silent.repaired({ fromMs: 0, toMs: 10 }, []);
    expect(silent.until(2_000).list).toEqual([]);
  });
});
