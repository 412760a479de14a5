import type { AttributeData } from '@tributary/contracts';
import type { AttributeReport } from '../../contract.ts';

type Source = [key: string, report: AttributeReport];

export interface AttributeChunk {
  attributes: AttributeData['attributes'];
  sources: Source[];
  /** Names of those that fit no message at all. */
  tooLarge: string[];
}

/** Cuts reports into messages of at most so many attributes and bytes. */
export function chunksOfAttributes(reports: readonly Source[], maxCount: number, maxBytes: number): AttributeChunk[] {
  const chunks: AttributeChunk[] = [];
  let chunk: AttributeChunk | undefined;
  let bytes = 0;
  for (const source of reports) {
    const attribute = toAttribute(source[1]);
    const size = Buffer.byteLength(JSON.stringify(attribute)) + 1;
    if (!chunk || chunk.attributes.length >= maxCount || (bytes + size > maxBytes && chunk.attributes.length > 0)) {
      chunk = { attributes: [], sources: [], tooLarge: [] };
      chunks.push(chunk);
      bytes = 0;
    }
    if (size > maxBytes) {
      chunk.tooLarge.push(attribute.name);
      continue;
    }
    chunk.attributes.push(attribute);
    chunk.sources.push(source);
    bytes += size;
  }
  return chunks;
}

const toAttribute = ({ scope, name, value, tsMs }: AttributeReport): AttributeData['attributes'][number] => ({
  scope,
  name,
  ...(value === undefined ? {} : { value }),
  ...(tsMs === undefined || !Number.isFinite(tsMs) ? {} : { ts: new Date(Math.floor(tsMs)).toISOString() }),
});
