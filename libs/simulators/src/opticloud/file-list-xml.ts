import { XMLParser } from 'fast-xml-parser';
import type { FileStatus, MeasurementFile } from './device-files.ts';

/** A quality below 1 is enough; 0 is a refusal. No header at all accepts everything. */
export function acceptsXml(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const refused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return !refused && ['application/xml', 'text/xml', 'application/*', 'text/*', '*/*'].includes(type);
  });
}

const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** No file is an empty list, one file is one element: there is no array to be seen. */
export function fileListXml(rows: ReadonlyArray<{ file: MeasurementFile; status: FileStatus }>): string {
  const elements = rows.map(({ file, status }) => {
    const members = {
      FileName: escapeText(file.name),
      Tag: escapeText(file.tag),
      StartTime: Math.floor(file.startMs / 1000),
      EndTime: Math.floor(file.endMs / 1000),
      Size: file.size,
      Status: status,
    };
    const inner = Object.entries(members).map(([name, value]) => `<${name}>${value}</${name}>`);
    return `<GeoLogFile>${inner.join('')}</GeoLogFile>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<FileList>${elements.join('')}</FileList>`;
}

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: true,
  isArray: (name) => name === 'GeoLogFile',
});

/** A device's answer to a list request: the same form, without the status. */
export function readFileList(xml: string): MeasurementFile[] {
  const document = parser.parse(xml) as { FileList?: { GeoLogFile?: Array<Record<string, string>> } | '' };
  const rows = document.FileList === '' ? [] : (document.FileList?.GeoLogFile ?? []);
  return rows.map((row) => ({
    name: String(row.FileName),
    tag: row.Tag ?? 'preview',
    startMs: Number(row.StartTime) * 1000,
    endMs: Number(row.EndTime) * 1000,
    size: Number(row.Size),
    content: () => Buffer.alloc(0),
  }));
}
