import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const SERVICE = 'iotdevicegateway';
const SCOPE_END = 'aws4_request';
const ALGORITHM = 'AWS4-HMAC-SHA256';
const EMPTY_BODY = createHash('sha256').update('').digest('hex');

/** What the platform knows about an access key. */
export interface SigningKey {
  secretKey: string;
  sessionToken: string;
  region: string;
  /** Milliseconds since 1970 UTC. */
  expiresAt: number;
}

export interface UpgradeRequest {
  path: string;
  /** As it came over the wire, without the question mark. */
  rawQuery: string;
  /** The Host header. */
  host: string;
}

export interface VerifyOptions {
  now: number;
  skewMs: number;
  keyOf(accessKeyId: string): SigningKey | undefined;
}

export type Verdict = { ok: true; accessKeyId: string } | { ok: false; accessKeyId?: string; reason: string };

interface Parts {
  accessKeyId: string;
  date: string;
  region: string;
  amzDate: string;
  signature: string;
  securityToken: string | undefined;
  /** The query that was signed: as it came, without the signature and without the security token. */
  canonicalQuery: string;
}

/**
 * Checks a presigned WebSocket URL as AWS IoT does. The security token is outside of the signature: it is appended
 * after signing, and compared by itself.
 */
export function verifyPresignedUrl(request: UpgradeRequest, { now, skewMs, keyOf }: VerifyOptions): Verdict {
  const parts = readQuery(request.rawQuery);
  if (typeof parts === 'string') return { ok: false, reason: parts };
  const { accessKeyId } = parts;
  const refuse = (reason: string): Verdict => ({ ok: false, accessKeyId, reason });
  const key = keyOf(accessKeyId);
  if (!key) return refuse('unknown access key');
  if (parts.region !== key.region) return refuse('another region');
  const signedAt = amzTime(parts.amzDate);
  if (signedAt === undefined || !parts.amzDate.startsWith(`${parts.date}T`)) return refuse('date does not fit');
  if (!isSame(parts.signature, signatureOf(request, parts, key))) return refuse('wrong signature');
  if (!isSame(parts.securityToken ?? '', key.sessionToken)) return refuse('wrong security token');
  if (Math.abs(now - signedAt) > skewMs) return refuse('signed at another time');
  if (now >= key.expiresAt) return refuse('expired credentials');
  return { ok: true, accessKeyId };
}

/** The canonical request of the signing process, as text. */
export const canonicalRequest = (path: string, canonicalQuery: string, host: string): string =>
  ['GET', path, canonicalQuery, `host:${host.toLowerCase()}`, '', 'host', EMPTY_BODY].join('\n');

function signatureOf({ path, host }: UpgradeRequest, parts: Parts, { secretKey }: SigningKey): string {
  const scope = [parts.date, parts.region, SERVICE, SCOPE_END];
  const request = sha256(canonicalRequest(path, parts.canonicalQuery, host));
  const text = [ALGORITHM, parts.amzDate, scope.join('/'), request].join('\n');
  const key = scope.reduce<string | Buffer>((before, word) => hmac(before, word), `AWS4${secretKey}`);
  return hmac(key, text).toString('hex');
}

/** A text says what is wrong. */
function readQuery(rawQuery: string): Parts | string {
  const pairs = rawQuery.split('&').map((pair) => {
    const at = pair.indexOf('=');
    return at < 0
      ? { raw: pair, name: pair, value: '' }
      : { raw: pair, name: pair.slice(0, at), value: pair.slice(at + 1) };
  });
  const values = new Map(pairs.map(({ name, value }) => [name, decoded(value)]));
  if (values.size !== pairs.length) return 'a parameter twice';
  if (values.get('X-Amz-Algorithm') !== ALGORITHM) return 'another algorithm';
  if (values.get('X-Amz-SignedHeaders') !== 'host') return 'other signed headers';
  const [accessKeyId, date, region, service, end, ...more] = values.get('X-Amz-Credential')?.split('/') ?? [];
  if (!accessKeyId || !date || !region || more.length > 0) return 'no credential scope';
  if (service !== SERVICE || end !== SCOPE_END) return 'another service';
  const amzDate = values.get('X-Amz-Date');
  const signature = values.get('X-Amz-Signature');
  if (!amzDate || !signature) return 'no signature';
  const signed = pairs.filter(({ name }) => name !== 'X-Amz-Signature' && name !== 'X-Amz-Security-Token');
  return {
    accessKeyId,
    date,
    region,
    amzDate,
    signature,
    securityToken: values.get('X-Amz-Security-Token'),
    // Not encoded again: what was signed is what was sent.
    canonicalQuery: signed
      .map(({ raw }) => raw)
      .sort()
      .join('&'),
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function amzTime(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Takes the same time whatever differs. */
const isSame = (given: string, right: string): boolean =>
  timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(right)));
