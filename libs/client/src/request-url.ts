export type QueryValue = string | number | boolean | Date | readonly (string | number)[] | undefined | null;

/** Fills a path such as `/v1/devices/{deviceId}` and adds the query; lists are joined by commas, as the API takes them. */
export function requestUrl(
  template: string,
  path: Record<string, string | number> = {},
  query: Record<string, QueryValue> = {},
): string {
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = path[name];
    // An empty part, or one that addresses resolve away, would be another address: that of the list.
    if (value === undefined || /^\.{0,2}$/.test(String(value)))
      throw new TypeError(`${template} needs a value for ${name}`);
    return encodeURIComponent(value);
  });
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    parameters.set(name, value instanceof Date ? value.toISOString() : String(value));
  }
  const text = parameters.toString();
  return text === '' ? filled : `${filled}?${text}`;
}
