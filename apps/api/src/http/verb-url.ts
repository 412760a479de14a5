/**
 * `POST /v1/connections/{id}:test` ends in a verb. The router cannot tell a parameter from a verb behind it, so that the
 * verb travels as a segment of its own inside the server: `/v1/connections/{id}/~test`. Nobody outside sees that form.
 */
const INNER = '/~';
const VERB_AT_END = /:([a-z][a-z-]*)$/;

/** Route path for the router: parameters as `:name`; a trailing verb as a segment, or behind a plain colon where it is read. */
export const verbPath = (path: string, method: string): string =>
  path.replace(VERB_AT_END, method === 'POST' ? `${INNER}$1` : '::$1').replace(/\{(\w+)\}/g, ':$1');

/**
 * The URL that is routed for the URL that came. Only a POST has verbs behind ids, so that ids with colons stay readable; the inner
 * form is refused from outside by making it unroutable.
 */
export function routedUrl(method: string | undefined, url: string): string {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  if (path.includes(INNER)) return url.replace(INNER, '/%7E/');
  if (method !== 'POST' || !VERB_AT_END.test(path)) return url;
  return path.replace(VERB_AT_END, `${INNER}$1`) + (end < 0 ? '' : url.slice(end));
}
