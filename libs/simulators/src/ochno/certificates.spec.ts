import { X509Certificate } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { seededAuthority, serverCertificate } from './certificates.ts';

it('a client that was told the authority yesterday trusts the server of today, by any of its names', async () => {
  const yesterday = new X509Certificate((await seededAuthority(1)).cert);
  const server = new X509Certificate((await serverCertificate(await seededAuthority(1), ['sim.example'])).cert);
  expect([server.verify(yesterday.publicKey), server.checkIssued(yesterday)]).toEqual([true, true]);
  expect(['localhost', 'sim.example'].map((name) => server.checkHost(name))).toEqual(['localhost', 'sim.example']);
  expect(['127.0.0.1', '::1'].map((address) => server.checkIP(address))).toEqual(['127.0.0.1', '::1']);
  expect(server.checkHost('other.example')).toBeUndefined();
  const another = new X509Certificate((await seededAuthority(2)).cert);
  expect(server.verify(another.publicKey)).toBe(false);
});
