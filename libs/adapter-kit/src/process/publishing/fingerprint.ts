import { createHash } from 'node:crypto';
import type { Json } from '@tributary/contracts';
import { canonical } from '../../digest.ts';

/** Short text that stands for a value: the value itself where that is shorter than a digest. */
export function fingerprint(value: Json | undefined): string {
  const text = canonical(value);
  return text.length <= 27 ? text : createHash('sha256').update(text).digest('base64url').slice(0, 27);
}
