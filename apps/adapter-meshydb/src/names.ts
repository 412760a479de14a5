/**
 * Quirk: names of properties may neither begin with `$` nor contain `.` (REST, "Create data"). They are written with
 * full-width characters, and what already has such a character is marked, so that every name comes back as it was.
 */
const DOT = '.';
const DOLLAR = '$';
const WIDE_DOT = '\uff0e';
const WIDE_DOLLAR = '\uff04';
const MARK = '\uff3c';

/** The name as it is stored. */
export function storedName(name: string): string {
  const dotted = name
    .replaceAll(MARK, MARK + MARK)
    .replaceAll(WIDE_DOT, MARK + WIDE_DOT)
    .replaceAll(DOT, WIDE_DOT);
  if (dotted.startsWith(DOLLAR)) return WIDE_DOLLAR + dotted.slice(1);
  return dotted.startsWith(WIDE_DOLLAR) ? MARK + dotted : dotted;
}

/** The name as records show it; `shownName(storedName(name))` is `name`. A mark before anything else stays as it is. */
export function shownName(stored: string): string {
  const plain = stored.startsWith(WIDE_DOLLAR) ? DOLLAR + stored.slice(1) : stored;
  return plain.replaceAll(
    MARKED_OR_DOT,
    (found, marked: string | undefined) => marked ?? (found === WIDE_DOT ? DOT : found),
  );
}

const MARKED_OR_DOT = new RegExp(`${MARK}([${MARK}${WIDE_DOT}${WIDE_DOLLAR}])|${WIDE_DOT}`, 'g');
