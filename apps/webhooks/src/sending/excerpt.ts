/** Characters of an answer that the ledger keeps. */
const KEPT = 1_000;
/** Shorter ones are in every other text, and blotting them out would tell where. */
const LEAST_SECRET = 6;
const STARS = '***';

/**
 * The beginning of an answer as text, with everything blotted out that a receiver may have echoed of what is secret.
 * Undefined for an answer without text.
 */
export function excerptOf(bytes: Uint8Array, secrets: readonly string[]): string | undefined {
  let text = new TextDecoder().decode(bytes);
  for (const spelling of spellings(secrets)) text = text.replaceAll(spelling, STARS);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
  const plain = text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]+/g, ' ').trim();
  return plain === '' ? undefined : plain.slice(0, KEPT).toWellFormed();
}

/** A secret, its words (`Bearer …`), and how JSON, URLs and base64 write them; the longest first. */
function spellings(secrets: readonly string[]): string[] {
  const words = secrets.flatMap((secret) => [secret, ...secret.split(/[\s_:,;=]+/)]);
  const all = words
    .filter((word) => word.length >= LEAST_SECRET)
    .flatMap((word) => [
      word,
      JSON.stringify(word).slice(1, -1),
      encodeURIComponent(word),
      Buffer.from(word).toString('base64').replace(/=+$/, ''),
    ]);
  return [...new Set(all)].toSorted((a, b) => b.length - a.length);
}
