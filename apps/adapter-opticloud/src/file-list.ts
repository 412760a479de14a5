import { MalformedResponseError } from '@tributary/contracts';
import { XMLParser } from 'fast-xml-parser';

const OPERATION = 'OPTI-07';
/** Declarations of types and entities have no business here; what cannot be declared cannot expand. */
const DECLARATION = /<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)/i;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  processEntities: true,
  transformTagName: lower,
  transformAttributeName: lower,
  isArray: (name) => name === 'geologfile',
});

/**
 * The `GeoLogFile` records of a listing, member names in lower case whether they came as elements or as attributes.
 * No file, one file and many files all give a list. Throws `MalformedResponseError`, also for any DTD.
 */
export function readFileList(xml: string): Record<string, unknown>[] {
  // XML declarations may be of another encoding, but `<!` is refused as text, before any parser sees it.
  if (DECLARATION.test(xml)) throw new MalformedResponseError(`${OPERATION}: the XML declares types or entities`);
  const root = parse(xml);
  if (!('filelist' in root)) throw new MalformedResponseError(`${OPERATION}: expected XML with the root FileList`);
  const list = root.filelist;
  // Quirk: an empty list is an empty element, and one file is an element, not a list (API page, "Retrieve the complete
  // file list").
  if (!isRecord(list)) return [];
  const files = list.geologfile;
  return Array.isArray(files) ? files.filter(isRecord).map(flat) : [];
}

function parse(xml: string): Record<string, unknown> {
  try {
    const root: unknown = parser.parse(xml, true);
    return isRecord(root) ? root : {};
  } catch (cause) {
    throw new MalformedResponseError(`${OPERATION}: expected XML`, { cause });
  }
}

/** An element with attributes has its text under `#text`. */
const flat = (file: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(file).map(([name, value]) => [name, isRecord(value) ? (value['#text'] ?? '') : value]),
  );

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function lower(name: string): string {
  return name.toLowerCase();
}
