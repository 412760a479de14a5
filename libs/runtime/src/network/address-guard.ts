import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net';
import { InvalidRequestError } from '@tributary/contracts';

/** One list per family: Node compares IPv4 with IPv4-mapped IPv6 rules, which would refuse every IPv4 address. */
const refusedV4 = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  refusedV4.addSubnet(net, bits, 'ipv4');
}

/** Only global unicast is allowed, and of that nothing which embeds or tunnels another address. */
const refusedV6 = new BlockList();
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  refusedV6.addSubnet(net, bits, 'ipv6');
}
const globalV6 = new BlockList();
globalV6.addSubnet('2000::', 3, 'ipv6');

/** True for everything that is not a public unicast address: private, loopback, link-local, CGNAT, mapped, reserved. */
export function isPrivateAddress(address: string): boolean {
  if (isIPv4(address)) return refusedV4.check(address, 'ipv4');
  if (isIP(address) !== 6 || address.includes('%')) return true;
  return !globalV6.check(address, 'ipv6') || refusedV6.check(address, 'ipv6');
}

export class RefusedAddressError extends Error {
  readonly code = 'EREFUSEDADDRESS';
}

/** Resolves like the system does, and refuses when any of the addresses is private: what is checked is what is dialled. */
export function guardedLookup(allowPrivate: boolean, resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, []);
      if (!allowPrivate && addresses.some(({ address }) => isPrivateAddress(address))) {
        return callback(new RefusedAddressError('the host resolves to an address that is not public'), []);
      }
      const [first] = addresses;
      if (options.all || !first) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

export interface UrlRules {
  /** Protocols with encryption, such as `https:`. */
  secure: readonly string[];
  /** Protocols without; taken only where private addresses are. */
  plain: readonly string[];
  allowPrivate: boolean;
}

/**
 * Reads a URL that somebody outside gave. Throws `InvalidRequestError` without repeating it: wrong protocol, user name or
 * password inside, a literal private address, fragment. `what` begins the message: `the connection's URL`.
 */
export function checkedUrl(text: string, rules: UrlRules, what = 'the URL'): URL {
  const url = URL.parse(text);
  const refuse = (why: string) => new InvalidRequestError(`${what} ${why}`);
  if (!url) throw refuse('is not a URL');
  const protocols = rules.allowPrivate ? [...rules.secure, ...rules.plain] : rules.secure;
  if (!protocols.includes(url.protocol)) throw refuse(`must begin with ${protocols.map((p) => `${p}//`).join(' or ')}`);
  if (url.username || url.password) throw refuse('must not hold a user name or password');
  if (url.hash) throw refuse('must not have a fragment');
  const host = bare(url.hostname);
  if (!rules.allowPrivate && isIP(host) && isPrivateAddress(host)) throw refuse('names an address that is not public');
  return url;
}

/**
 * Resolves a host once, so that whoever gave it hears at once that it is refused. Throws `RefusedAddressError` for a host
 * with an address that is not public. A host that has none yet is no fault: what is dialled later is checked again.
 */
export async function checkHost(hostname: string, allowPrivate: boolean, resolve?: typeof lookup): Promise<void> {
  const guard = guardedLookup(allowPrivate, resolve);
  const error = await new Promise<Error | null>((settle) => guard(bare(hostname), { all: true }, settle));
  if (error instanceof RefusedAddressError) throw error;
}

/** Without the brackets that a URL puts around IPv6. */
const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');
