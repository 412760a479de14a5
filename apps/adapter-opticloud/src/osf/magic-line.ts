import { MalformedResponseError } from '@tributary/contracts';

export interface MagicLine {
  version: 4 | 5;
  metablockBytes: number;
  /** Every block ends in a checksum. */
  checksums: boolean;
}

/** Deployed devices write OCEAN_STREAM_FORMAT4; the specification says OSF4. */
const versions: Readonly<Record<string, 4 | 5>> = {
  OSF4: 4,
  OCEAN_STREAM_FORMAT4: 4,
  OCEAN_STREAMING_FORMAT4: 4,
  OSF5: 5,
};

const MAX_METABLOCK_BYTES = 16 * 1024 * 1024;

/** First line of a file: `<identifier> <metablock length in bytes> [token …]`. A token unknown to us changes what follows. */
export function readMagicLine(line: string | undefined): MagicLine {
  const [identifier = '', length = '', ...tokens] = (line ?? '').trim().split(/ +/);
  if (identifier === 'OCEAN_STREAM_FORMAT3') throw new MalformedResponseError('OSF: files of version 3 are not read');
  const version = Object.hasOwn(versions, identifier) ? versions[identifier] : undefined;
  if (version === undefined || !/^\d{1,9}$/.test(length))
    throw new MalformedResponseError('OSF: not a measurement file');
  if (Number(length) > MAX_METABLOCK_BYTES) throw new MalformedResponseError('OSF: the header is too large');
  if (!tokens.every(isKnownToken)) throw new MalformedResponseError('OSF: the first line asks for something unknown');
  return { version, metablockBytes: Number(length), checksums: tokens.some((token) => token.startsWith('crc32c:')) };
}

const isKnownToken = (token: string): boolean =>
  /^crc32c:[0-9A-F]{8}$/.test(token) || /^ed25519:[0-9a-f]{16}$/.test(token);
