import type { TimeRange } from '@tributary/database';
import type { Checkpoint } from '../../contract.ts';

const OURS = ['_fromMs', '_toMs'] as const;

/** A page's checkpoint, with the range it belongs to: for another range it says nothing. Flat, as checkpoints are. */
export const writeResume = ({ fromMs, toMs }: TimeRange, checkpoint: Checkpoint): Checkpoint => ({
  ...checkpoint,
  _fromMs: fromMs,
  _toMs: toMs,
});

/** The page's checkpoint as it was; undefined where it belongs to another range. */
export function readResume({ fromMs, toMs }: TimeRange, written: Checkpoint | undefined): Checkpoint | undefined {
  if (written?._fromMs !== fromMs || written._toMs !== toMs) return undefined;
  return Object.fromEntries(Object.entries(written).filter(([key]) => !OURS.some((ours) => ours === key)));
}
