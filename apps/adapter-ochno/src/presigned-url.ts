import { createHash, createHmac } from 'node:crypto';
import type { IotAccess } from './wire.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 'iotdevicegateway';
const PATH = '/mqtt';
const DEFAULT_PORT = ':443';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/**
 * The address of a company's stream, signed for the time `nowMs` (milliseconds since 1970 UTC): Signature Version 4 in
 * the form that AWS IoT takes over WebSocket. The platform checks the time to within minutes.
 */
export function presignedUrl(access: IotAccess, nowMs: number): string {
  const { hostname, query } = request(access, nowMs);
  const signature = signatureOf(access, nowMs);
  // Quirk: the session token is not part of what is signed; it is appended afterwards, and there is no X-Amz-Expires
  // (AWS IoT developer guide, "MQTT over WebSocket").
  const token = encodeURIComponent(access.sessionToken);
  return `wss://${hostname}${PATH}?${query}&X-Amz-Signature=${signature}&X-Amz-Security-Token=${token}`;
}

/** Hex digest of the canonical request, and the signature; apart for the sake of tests. */
export function canonicalDigest(access: IotAccess, nowMs: number): string {
  const { hostname, query } = request(access, nowMs);
  return sha256(['GET', PATH, query, `host:${hostname.toLowerCase()}`, '', 'host', sha256('')].join('\n'));
}

export function signatureOf(access: IotAccess, nowMs: number): string {
  const { date, instant, scope } = request(access, nowMs);
  const toSign = [ALGORITHM, instant, scope, canonicalDigest(access, nowMs)].join('\n');
  const key = [date, access.region, SERVICE, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${access.secretKey}`);
  return hmac(key, toSign).toString('hex');
}

function request({ host, region, accessKeyId }: IotAccess, nowMs: number) {
  const instant = `${new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const date = instant.slice(0, 8);
  const scope = `${date}/${region}/${SERVICE}/aws4_request`;
  const query = [
    `X-Amz-Algorithm=${ALGORITHM}`,
    `X-Amz-Credential=${encodeURIComponent(`${accessKeyId}/${scope}`)}`,
    `X-Amz-Date=${instant}`,
    'X-Amz-SignedHeaders=host',
  ].join('&');
  // A WebSocket leaves the port of its scheme out of the Host header, which is what is signed.
  const hostname = host.endsWith(DEFAULT_PORT) ? host.slice(0, -DEFAULT_PORT.length) : host;
  return { hostname, instant, date, scope, query };
}
