/** What the first bytes of a file say that it is. Names say nothing: several files come as a ZIP under any name. */
export type ContentKind = 'zip' | 'gzip' | 'zlib' | 'osf' | 'other';

/** Bytes that are needed to tell. */
export const HEAD_BYTES = 12;

const ZLIB_LEVELS = [0x01, 0x5e, 0x9c, 0xda];

export function kindOf(head: Uint8Array): ContentKind {
  const text = Buffer.from(head.subarray(0, HEAD_BYTES)).toString('latin1');
  if (text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06')) return 'zip';
  if (text.startsWith('\x1f\x8b')) return 'gzip';
  if (head[0] === 0x78 && ZLIB_LEVELS.includes(head[1] ?? 0)) return 'zlib';
  return /^(?:OSF[345]|OCEAN_STREAM)/.test(text) ? 'osf' : 'other';
}

export const mediaTypes: Readonly<Record<ContentKind, string>> = {
  zip: 'application/zip',
  gzip: 'application/gzip',
  zlib: 'application/zlib',
  osf: 'application/octet-stream',
  other: 'application/octet-stream',
};

/** Waits for enough bytes to tell what follows; the stream returned begins with those same bytes. */
export async function peek(
  source: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; bytes: AsyncIterable<Uint8Array>; abandon: () => Promise<void> }> {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  for (let length = 0; length < HEAD_BYTES; ) {
    const { value, done } = await iterator.next();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  const abandon = async () => void (await iterator.return?.());
  return { head: Buffer.concat(chunks), bytes: resume(chunks, iterator, abandon), abandon };
}

async function* resume(chunks: Uint8Array[], iterator: AsyncIterator<Uint8Array>, abandon: () => Promise<void>) {
  try {
    yield* chunks;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await abandon();
  }
}
