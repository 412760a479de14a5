/**
 * `POST /v1/connections/{id}:test` ends in a verb. The router cannot tell a parameter from a verb behind it, so that the
 * verb travels in front of the path inside the server: `/~test/v1/connections/{id}`. Nobody outside sees that form, and
 * no id can look like it: ids stand further behind.
 */
const INNER = '/~';
const VERB_AT_END = /:([a-z][a-z-]*)$/;
/** What the router would take for the inner form, however it is written. */
const LIKE_INNER = /^\/(?:~|%7e)/i;

/** Route path for the router: parameters as `:name`; a trailing verb in front, or behind a plain colon where it is read. */
export function verbPath(path: string, method: string): string {
  const verb = VERB_AT_END.exec(path)?.[1];
  const bare = path.replace(/\{(\w+)\}/g, ':$1');
  if (verb === undefined) return bare;
  const plain = bare.slice(0, -verb.length - 1);
  return method === 'POST' ? `${INNER}${verb}${plain}` : `${plain}::${verb}`;
}

/**
 * The URL that is routed for the URL that came. Only a POST has verbs behind ids, so that ids with colons stay readable; the inner
 * form is refused from outside by making it unroutable.
 */
export function routedUrl(method: string | undefined, url: string): string {
  if (LIKE_INNER.test(url)) return '/no-such-route';
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  const verb = method === 'POST' ? VERB_AT_END.exec(path)?.[1] : undefined;
  if (verb === undefined) return url;
  return `${INNER}${verb}${path.slice(0, -verb.length - 1)}${end < 0 ? '' : url.slice(end)}`;
}
