/**
 * `Link` to the next page of a list. `url` is the request's own, as the caller wrote it; parameters that only the first
 * page takes are left `out`.
 */
export function nextLink(url: string, cursor: string, out: readonly string[] = []): string {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  const parameters = new URLSearchParams(end < 0 ? '' : url.slice(end + 1));
  for (const name of out) parameters.delete(name);
  parameters.set('cursor', cursor);
  return `<${path}?${parameters}>; rel="next"`;
}
