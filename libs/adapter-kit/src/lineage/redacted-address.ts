import { MAX_VIA_ADDRESS } from '@tributary/contracts';

const STARS = '***';

/** Parts of a parameter's name, and whole names, whose value is a secret whatever it looks like. */
const SECRET_PARTS = ['token', 'secret', 'passw', 'pwd', 'signature', 'credential', 'authorization', 'jwt', 'x-amz-'];
const SECRET_NAMES = new Set(['key', 'apikey', 'sig', 'code', 'auth', 'session', 'sessionid', 'sid', 'ticket', 'otp']);
/** In a path the value follows its name. */
const NAMES_IN_PATHS = new Set(['token', 'tokens', 'secret', 'password', 'key', 'ticket', 'session', 'signature']);
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LEAST_PERSONAL = 3;

/**
 * An address fit to be told to whoever may read: without values of parameters that are secrets by their name, without
 * what looks like a token wherever it stands, without what is `hidden`. Never longer than `MAX_VIA_ADDRESS`.
 */
export function redactedAddress(address: string, hidden: readonly string[] = []): string {
  const [path = '', ...query] = without(address, hidden).split('?');
  const told = query.length === 0 ? redactedPath(path) : `${redactedPath(path)}?${redactedQuery(query.join('?'))}`;
  return told.length <= MAX_VIA_ADDRESS ? told : `${told.slice(0, MAX_VIA_ADDRESS - 1)}…`;
}

/** The same of a topic, which has no query. */
export function redactedTopic(topic: string): string {
  const told = redactedPath(topic);
  return told.length <= MAX_VIA_ADDRESS ? told : `${told.slice(0, MAX_VIA_ADDRESS - 1)}…`;
}

/** As it is, and as it is written in a path or a query. What is shorter than three characters would star everything. */
function without(address: string, hidden: readonly string[]): string {
  let told = address;
  for (const secret of hidden) {
    if (secret.length < LEAST_PERSONAL) continue;
    const spellings = new Set([secret, encoded(secret), new URLSearchParams([['', secret]]).toString().slice(1)]);
    for (const spelling of spellings) told = told.replaceAll(spelling, STARS);
  }
  return told;
}

const encoded = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : text);

function redactedPath(path: string): string {
  let before = '';
  return path
    .split('/')
    .map((segment) => {
      const secret = NAMES_IN_PATHS.has(before.toLowerCase()) && segment !== '';
      before = segment;
      return secret || looksSecret(segment) ? STARS : segment;
    })
    .join('/');
}

const redactedQuery = (query: string): string =>
  query
    .split('&')
    .map((pair) => {
      const at = pair.indexOf('=');
      if (at < 0) return looksSecret(pair) ? STARS : pair;
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
      return value !== '' && (isSecretName(name) || looksSecret(value)) ? `${name}=${STARS}` : pair;
    })
    .join('&');

function isSecretName(name: string): boolean {
  const plain = decoded(name).toLowerCase();
  return SECRET_NAMES.has(plain.replaceAll(/[-_.]/g, '')) || SECRET_PARTS.some((part) => plain.includes(part));
}

/** A JSON Web Token, or a long word of letters of both cases and digits: ids of platforms are UUIDs, hex, or short. */
function looksSecret(text: string): boolean {
  const plain = decoded(text);
  if (/\beyJ[\w-]{8,}\./.test(plain)) return true;
  if (UUID.test(plain)) return false;
  return plain
    .split(/[^A-Za-z0-9+/=_-]/)
    .some((word) => word.length >= 32 && /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // A stray percent sign: then it is what it is.
    if (error instanceof URIError) return text;
    throw error;
  }
}
