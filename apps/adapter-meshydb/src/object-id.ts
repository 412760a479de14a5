/** An id begins with the second it was made in. Quirk: ids of one second are in no order among several makers. */
const SECONDS_DIGITS = 8;
const ID_DIGITS = 24;
const MAX_SECONDS = 0xffff_ffff;

/** As the platform writes them. */
export const isObjectId = (text: string): boolean => /^[0-9a-f]{24}$/.test(text);

/** The least id of this time; milliseconds since 1970. */
export function idAt(timeMs: number): string {
  const seconds = Math.min(Math.max(Math.floor(timeMs / 1_000), 0), MAX_SECONDS);
  return seconds.toString(16).padStart(SECONDS_DIGITS, '0').padEnd(ID_DIGITS, '0');
}

/** When it was made; milliseconds since 1970, whole seconds. */
export const timeOf = (id: string): number => Number.parseInt(id.slice(0, SECONDS_DIGITS), 16) * 1_000;

/** An id so far before this one that nothing between them can still appear. */
export const idBefore = (id: string, spanMs: number): string => idAt(timeOf(id) - spanMs);
