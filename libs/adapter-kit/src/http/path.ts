import { InvalidRequestError } from '@tributary/contracts';

const DOT_SEGMENT = /^(?:\.|%2e){1,2}$/i;

function encodeSegment(value: string | number | bigint): string {
  const text = String(value);
  if (text === '' || text === '.' || text === '..') {
    throw new InvalidRequestError('a path parameter is empty or made of dots');
  }
  // encodeURIComponent leaves a lone surrogate to a URIError.
  if (!text.isWellFormed()) throw new InvalidRequestError('a path parameter is not well-formed Unicode');
  return encodeURIComponent(text);
}

/**
 * Template tag for `VendorRequest.path`: every parameter becomes one percent-encoded segment (or part of one), so that
 * no id can climb or branch. Throws `InvalidRequestError` for `''`, `'.'` and `'..'`.
 */
export function path(literals: TemplateStringsArray, ...parameters: (string | number | bigint)[]): string {
  return assertSafePath(String.raw({ raw: literals.raw }, ...parameters.map(encodeSegment)));
}

/** Refuses what could leave the base URL or break the request line; returns the path unchanged. Never repeats it. */
export function assertSafePath(text: string): string {
  if (!text.startsWith('/')) throw new InvalidRequestError('a path must begin with /');
  if (!/^[\x21-\x7e]+$/.test(text) || /[#\\]/.test(text)) {
    throw new InvalidRequestError('a path holds characters that must be percent-encoded');
  }
  const [pathname = ''] = text.split('?', 1);
  const segments = pathname.slice(1).split('/');
  const inner = segments.slice(0, -1);
  if (inner.includes('') || segments.some((segment) => DOT_SEGMENT.test(segment))) {
    throw new InvalidRequestError('a path holds an empty segment or one made of dots');
  }
  return text;
}

/** Appends query parameters; undefined ones are left out. */
export function withQuery(path: string, query: Record<string, string | number | boolean | undefined> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.append(name, String(value));
  }
  if (parameters.size === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${parameters}`;
}
