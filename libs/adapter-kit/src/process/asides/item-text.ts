import { redactBytes } from '@tributary/runtime';
import { z } from 'zod';
import type { Aside } from './set-aside-desk.ts';

/** Bytes of an item that are kept as it came; of a larger one only its beginning is kept, to be looked at. */
const MAX_ITEM_BYTES = 65_536;
const SHOWN_CHARACTERS = 4_000;

export interface WrittenItem {
  /** What may be shown. */
  shown: string;
  /** All that reading it again needs; absent for one that is too large, or has no form as text. */
  text?: string;
  /** Equal for equal items. */
  identity: string;
}

/** What points are called that the kit itself refused; they need no reading. */
export const REFUSED_POINT = 'point';

/** What is sealed of an item. */
const sealedItem = z.object({ item: z.unknown(), context: z.record(z.string(), z.string()).default({}) });
export type ReadItem = z.output<typeof sealedItem>;

export function writtenItem(
  { item, context }: Pick<Aside, 'item' | 'context'>,
  secrets: readonly string[],
): WrittenItem {
  const text = jsonOf(item);
  if (text === undefined) return { shown: '', identity: '' };
  const identity = context === undefined ? text : `${text}\n${jsonOf(context)}`;
  if (Buffer.byteLength(identity) > MAX_ITEM_BYTES) {
    const { text: shown } = redactBytes(Buffer.from(text.slice(0, SHOWN_CHARACTERS)), secrets);
    return { shown, identity };
  }
  const { text: shown } = redactBytes(Buffer.from(text), secrets);
  return { shown, identity, text: `{"item":${text},"context":${jsonOf(context ?? {})}}` };
}

/** Throws `SyntaxError` or `ZodError` for what `writtenItem` has not written. */
export const readItem = (text: string): ReadItem => sealedItem.parse(JSON.parse(text));

/** What JSON has no word for is named; a number that is none is what is wrong with many an item. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_key, part: unknown) =>
      (typeof part === 'number' && !Number.isFinite(part)) || typeof part === 'bigint' ? String(part) : part,
    );
  } catch {
    // Nested too deeply, or going round in circles.
    return undefined;
  }
}
