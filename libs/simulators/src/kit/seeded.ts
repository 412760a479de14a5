/** Everything random in a scenario comes from here, so that a seed gives the same scenario again. */

/** A whole number in [0, 2^32) that depends on all parts and on nothing else. */
export function hash(seed: number, ...parts: number[]): number {
  let h = (seed ^ 0x9e3779b9) >>> 0;
  for (const part of parts) {
    h = Math.imul(h ^ (part | 0), 0x85ebca6b) >>> 0;
    h = (h ^ (h >>> 13)) >>> 0;
    h = Math.imul(h ^ (Math.floor(part / 0x1_0000_0000) | 0), 0xc2b2ae35) >>> 0;
    h = (h ^ (h >>> 16)) >>> 0;
  }
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) >>> 0;
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39) >>> 0;
  return (h ^ (h >>> 15)) >>> 0;
}

/** A fraction in [0, 1) that depends on all parts. */
export const fraction = (seed: number, ...parts: number[]): number => hash(seed, ...parts) / 0x1_0000_0000;

/** A version-4-shaped UUID that depends on all parts. */
export function seededUuid(seed: number, ...parts: number[]): string {
  const words = [0, 1, 2, 3].map((word) =>
    hash(seed, ...parts, word)
      .toString(16)
      .padStart(8, '0'),
  );
  const hex = words.join('');
  const variant = '89ab'.charAt(hash(seed, ...parts, 4) % 4);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Letters and digits that depend on all parts. */
export const seededToken = (length: number, seed: number, ...parts: number[]): string =>
  Array.from({ length }, (_, i) => ALPHABET.charAt(hash(seed, ...parts, i) % ALPHABET.length)).join('');

/** A stream of fractions, for choices that follow one another. */
export function fractions(seed: number): () => number {
  let n = 0;
  return () => fraction(seed, n++);
}
