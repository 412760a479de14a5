import { X509Certificate } from 'node:crypto';
import tls, { type SecureContext } from 'node:tls';
import { z } from 'zod';

const MAX_PEM = 64 * 1024;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** One or more certificates as PEM and nothing else: a private key has no business in settings, which can be read. */
export const certificates = z
  .string()
  .max(MAX_PEM)
  .refine(areCertificates, 'expected one or more certificates as PEM, and nothing else');

function areCertificates(pem: string): boolean {
  const blocks = [...pem.matchAll(BLOCK)];
  if (blocks.length === 0 || pem.replaceAll(BLOCK, '').trim() !== '') return false;
  return blocks.every(([block, kind]) => kind === 'CERTIFICATE' && isCertificate(block));
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

/**
 * Whom a connection believes: whom this process believes, and the authority of its own. Made once per connection, since
 * reading all of them takes milliseconds.
 */
export function trustOf(ca: string | undefined): SecureContext | undefined {
  if (ca === undefined) return undefined;
  // Node 22.12 cannot tell what was added by its environment.
  const known = tls.getCACertificates?.('default') ?? tls.rootCertificates;
  return tls.createSecureContext({ ca: [...known, ca] });
}
