import { isUtf8 } from 'node:buffer';

/** What stands in the place of a secret. */
export const REDACTED = '***';

/** Shorter values of a connection's own would turn up everywhere. */
const SHORTEST_SECRET = 4;
const MAX_DEPTH = 100;

/** As names are written in any case, with any of - _ . or space between their words. */
const SECRET_WORDS = [
  'password',
  'passwd',
  'passphrase',
  'pwd',
  'secret',
  'token',
  'authorization',
  'credentials?',
  'cookie',
  'api[-_. ]?key',
  'access[-_. ]?key',
  'private[-_. ]?key',
  'secret[-_. ]?key',
  'signature',
  'jwt',
  'otp',
  'pin[-_. ]?code',
  'session[-_. ]?id',
];
/** The word ends the name or begins it: `accessToken`, `x-api-key`, `token_value`, but not `tokenized` or `passwords_ok`. */
const SECRET_NAME = new RegExp(`(?:^|[^a-z])(?:${SECRET_WORDS.join('|')})s?(?![a-z])`, 'i');
const CAMEL = /([a-z0-9])([A-Z])/g;

/** Is a member of this name a secret, whatever it holds? */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name.replace(CAMEL, '$1_$2'));

const JWT = /\beyJ[\w-]{4,}\.[\w-]{4,}(?:\.[\w-]*)?/g;
const SCHEME = /\b(bearer|negotiate)(\s+|%20)[\w\-.~+/=%]{4,}/gi;
/** A word after "basic" is no credential; base64 has a digit, a capital or padding in it. */
const BASIC = /\b([Bb]asic|BASIC)(\s+|%20)(?=[\w+/]*[A-Z0-9=])[\w+/]{6,}={0,2}/g;
const OWN_KEY = /\btrb_[a-z2-7]{26}_[a-z2-7]{52}\b/g;
const WEBHOOK_SECRET = /\bwhsec_[\w+/=]{8,}/g;
const AWS_KEY = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g;
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const URL_USER = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/?#@"'<>]+@/gi;
const PARAMETER = /([?&;]|\b)([\w.-]{2,64})(=)([^&;\s"'<>\\]{1,4096})/g;
const SIGNED_PARAMETER =
  /^(?:sig|signature|x-amz-(?:signature|credential|security-token)|x-goog-signature|code|key|auth)$/i;
/** A member of JSON that could not be parsed, such as one that is cut off. */
const MEMBER = /("((?:[^"\\]|\\.){1,100})"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}\]"][^,}\]]*)/g;

/**
 * The text without what looks like a secret, and without `secrets` (a connection's own values, also where they are
 * percent-encoded, in base64 or escaped as in JSON). Doing it twice changes nothing more.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let redacted = text;
  for (const form of formsOf(secrets)) redacted = redacted.replaceAll(form, REDACTED);
  return redacted
    .replace(PEM, REDACTED)
    .replace(JWT, REDACTED)
    .replace(OWN_KEY, REDACTED)
    .replace(WEBHOOK_SECRET, REDACTED)
    .replace(AWS_KEY, REDACTED)
    .replace(SCHEME, `$1$2${REDACTED}`)
    .replace(BASIC, `$1$2${REDACTED}`)
    .replace(URL_USER, `$1${REDACTED}@`)
    .replace(PARAMETER, (all, before: string, name: string, is: string) =>
      isSecretName(name) || (before !== '' && SIGNED_PARAMETER.test(name)) ? `${before}${name}${is}${REDACTED}` : all,
    );
}

/** The value with every secret in it replaced, at whatever depth; what is nested too deeply to look into goes as a whole. */
export function redactValue(value: unknown, secrets: readonly string[] = []): unknown {
  return redactAt(value, secrets, 0);
}

function redactAt(value: unknown, secrets: readonly string[], depth: number): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (typeof value === 'number' || typeof value === 'bigint') {
    return secrets.includes(String(value)) ? REDACTED : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return REDACTED;
  if (Array.isArray(value)) return value.map((member) => redactAt(member, secrets, depth + 1));
  const entries = Object.entries(value).map(([name, member]): [string, unknown] => [
    redactText(name, secrets),
    isSecretName(name) && member !== null ? REDACTED : redactAt(member, secrets, depth + 1),
  ]);
  // Not an assignment: a member may be called __proto__.
  return Object.fromEntries(entries);
}

export interface RedactedBytes {
  /** Fit to be shown: text, or base64 of bytes that are none. */
  text: string;
  /** Something in them was a secret: then `text` is not what they were. */
  redacted: boolean;
}

/** Bytes of any kind, as they may be shown. JSON that holds a secret comes back as JSON. */
export function redactBytes(bytes: Uint8Array, secrets: readonly string[] = []): RedactedBytes {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isUtf8(buffer)) {
    const text = buffer.toString('latin1');
    const redacted = redactLoosely(text, secrets);
    return redacted === text
      ? { text: buffer.toString('base64'), redacted: false }
      : { text: redacted, redacted: true };
  }
  const text = buffer.toString('utf8');
  const redacted = redactJson(text, secrets) ?? redactLoosely(text, secrets);
  return { text: redacted, redacted: redacted !== text };
}

/** Undefined for what is no JSON. */
function redactJson(text: string, secrets: readonly string[]): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const redacted = JSON.stringify(redactValue(value, secrets));
    return redacted === JSON.stringify(value) ? text : redacted;
  } catch {
    // Cut off, not JSON, or nested so deeply that the stack ends: it is looked at as text.
    return undefined;
  }
}

function redactLoosely(text: string, secrets: readonly string[]): string {
  const members = text.replace(MEMBER, (all, head: string, name: string, value: string) =>
    isSecretName(name) && value !== `"${REDACTED}"` ? `${head}"${REDACTED}"` : all,
  );
  return redactText(members, secrets);
}

/** Names of members of credentials that tell who logs in, and not how. */
const NO_SECRET = /^(?:user(?:name)?|login|e?mail|tenant|account(?:name)?|client_?id|grant_?type|scope|region)$/i;

/** What of a connection's credentials must not be shown anywhere. */
export const secretValuesOf = (credentials: Readonly<Record<string, string>>): string[] =>
  Object.entries(credentials).flatMap(([name, value]) => (NO_SECRET.test(name) ? [] : [value]));

/** The longest first: one secret may be part of another. */
function formsOf(secrets: readonly string[]): string[] {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET && secret !== REDACTED)
    .flatMap((secret) => {
      const base64 = Buffer.from(secret).toString('base64');
      const url = Buffer.from(secret).toString('base64url');
      return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed()), base64, url];
    });
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length);
}
