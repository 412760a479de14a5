import { describe, expect, it } from '@jest/globals';
import { deviceId } from '@tributary/contracts';
import { statementsOf } from './covered.ts';

const connectionId = `con_${'e'.repeat(26)}`;
const speaker = { connectionId, source: 'telemetry', run: 'run_1', onward: true };

describe('what a page covers', () => {
  it('holds the worst that it says of a stretch, and exceptions after what they are exceptions to', () => {
    const statements = statementsOf(
      {
        items: [],
        covers: [
          { device: 'd', fromMs: 0, toMs: 100, state: 'missing' },
          { fromMs: 40, toMs: 60, state: 'partial', reason: 'every other value' },
          { fromMs: 0, toMs: 100 },
          { fromMs: 50, toMs: 50 },
        ],
      },
      speaker,
    );
    expect(
      statements.map(({ state, fromMs, toMs, onward, reason }) => ({ state, fromMs, toMs, onward, reason })),
    ).toEqual([
      { state: 'complete', fromMs: 0, toMs: 40, onward: true, reason: undefined },
      { state: 'complete', fromMs: 60, toMs: 100, onward: true, reason: undefined },
      { state: 'partial', fromMs: 40, toMs: 60, onward: true, reason: 'every other value' },
      { state: 'missing', fromMs: 0, toMs: 100, onward: undefined, reason: 'it could not be read' },
    ]);
    expect(statements.at(-1)).toMatchObject({
      deviceId: deviceId(connectionId, 'd'),
      source: 'telemetry',
      run: 'run_1',
    });
  });

  it('says of a gap among its items that it is lost, or that aggregates stand in its place, whatever was believed', () => {
    const gap = { device: 'd', fromMs: 10, toMs: 20, reason: 'it scrolled out' };
    const statements = statementsOf(
      {
        items: [
          { type: 'gap', gap },
          { type: 'gap', gap: { ...gap, fromMs: 20, toMs: 30, filledWith: 'aggregates' } },
        ],
        covers: [{ device: 'd', fromMs: 0, toMs: 40 }],
      },
      speaker,
    );
    expect(statements.filter(({ overrides }) => overrides)).toMatchObject([
      { state: 'unrecoverable', fromMs: 10, toMs: 20, reason: 'it scrolled out' },
      { state: 'partial', fromMs: 20, toMs: 30, reason: 'it scrolled out; aggregates stand in its place' },
    ]);
    expect(statements.filter(({ state }) => state === 'complete').map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [0, 10],
      [30, 40],
    ]);
  });
});
