import { createECDH, createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { isIP } from 'node:net';
import { systemClock } from '@tributary/runtime';
import { generate } from 'selfsigned';

type GenerateOptions = NonNullable<Parameters<typeof generate>[1]>;

const DAY = 86_400_000;
const YEAR = 365 * DAY;
const EC = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const satisfies GenerateOptions;

export interface CertificateAuthority {
  /** PEM. */
  cert: string;
  key: string;
}

/**
 * The authority behind the broker's certificate. Its key comes from the seed, so that a client that was told the
 * certificate yesterday still trusts the simulator that is started today. It guards nothing: trust it nowhere else.
 */
export async function seededAuthority(seed: number): Promise<CertificateAuthority> {
  const keyPair = seededKeyPair(`ochno authority ${seed}`);
  const { cert } = await generate([{ name: 'commonName', value: `Simulated Ochno authority ${seed}` }], {
    ...EC,
    ...lasting(10 * YEAR),
    keyPair: { privateKey: keyPair.key, publicKey: keyPair.publicKey },
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert, key: keyPair.key };
}

/** A certificate for the names and addresses that clients may dial. */
export async function serverCertificate(
  authority: CertificateAuthority,
  hosts: readonly string[],
): Promise<{ cert: string; key: string }> {
  const names = [...new Set(['localhost', '127.0.0.1', '::1', ...hosts])];
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...EC,
    ...lasting(YEAR),
    ca: authority,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** Real time: clients compare with their own clocks, whatever the scenario's says. */
function lasting(ms: number): Pick<GenerateOptions, 'notBeforeDate' | 'notAfterDate'> {
  const now = Math.floor(systemClock.now() / DAY) * DAY;
  return { notBeforeDate: new Date(now - DAY), notAfterDate: new Date(now + ms) };
}

function seededKeyPair(seed: string): { key: string; publicKey: string } {
  const secret = createHash('sha256').update(seed).digest();
  const point = createECDH('prime256v1');
  point.setPrivateKey(secret);
  const bytes = point.getPublicKey();
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: secret.toString('base64url'),
      x: bytes.subarray(1, 33).toString('base64url'),
      y: bytes.subarray(33, 65).toString('base64url'),
    },
  });
  return {
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
  };
}
