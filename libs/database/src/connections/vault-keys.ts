import { Secret } from '@tributary/runtime';
import { z } from 'zod';

/** Keys by id; the first seals, all open. */
export type VaultKeys = readonly { id: string; key: Secret }[];

const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;
const BASE64 = /^[A-Za-z0-9+/]{43}=?$/;

/** Configuration member `"<id>:<base64 of 32 bytes>,…"`. No problem ever names a value. */
export const vaultKeys = () =>
  z.string().transform((text, context): VaultKeys => {
    const keys = text.split(',').map((part) => part.trim());
    const parsed = keys.map((part) => {
      const colon = part.indexOf(':');
      return { id: part.slice(0, Math.max(colon, 0)), base64: part.slice(colon + 1) };
    });
    parsed.forEach(({ id, base64 }, index) => {
      if (!KEY_ID.test(id)) context.addIssue({ code: 'custom', message: `key ${index + 1}: expected <id>:<base64>` });
      else if (!BASE64.test(base64))
        context.addIssue({ code: 'custom', message: `key ${index + 1}: expected 32 bytes in base64` });
    });
    if (new Set(parsed.map((k) => k.id)).size < parsed.length) {
      context.addIssue({ code: 'custom', message: 'two keys have the same id' });
    }
    return parsed.map(({ id, base64 }) => ({ id, key: new Secret(base64) }));
  });
