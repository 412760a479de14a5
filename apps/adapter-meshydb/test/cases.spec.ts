import { describe, expect, it } from '@jest/globals';
import { type Mappings, mappingCases } from '@tributary/adapter-kit/testing';
import { settings } from '../src/config.ts';
import { parseDocuments } from '../src/exact-document.ts';
import { batchesOf, entityRecord, patched, platformUser, type Reading, readingOf, stored } from '../src/mapping.ts';
import * as wire from '../src/wire.ts';

/** As the client reads them: from text, so that no digit is lost. */
const documentsOf = (text: string) =>
  wire.page.parse(parseDocuments('case', text)).results.map((row) => wire.document.parse(row));

const mappings: Mappings = {
  user: (payload) => platformUser(wire.user.parse(payload)),
  entities: ({ text, ...naming }: { text: string; type: string; nameField?: string }) =>
    documentsOf(text).map((document) => entityRecord(document, naming)),
  telemetry: ({ text, mapping }: { text: string; mapping: unknown }) => {
    const [read] = settings.parse({ accountName: 'acme', documents: [mapping] }).documents;
    const readings = documentsOf(text).flatMap((document) => (read ? [readingOf(document, read)] : []));
    return {
      batches: batchesOf(
        readings.filter((one): one is Reading => typeof one === 'object'),
        'poll',
      ),
      misfits: readings.filter((one) => typeof one === 'string'),
    };
  },
  patch: ({ text, patch }: { text: string; patch: never }) =>
    JSON.stringify(patched(parseDocuments('case', text) as Record<string, unknown>, patch)),
  stored: (payload) => stored(payload),
};

const cases = mappingCases(new URL('./cases/', import.meta.url), mappings);

describe('mapping cases', () => {
  it.each(cases)('%s', (_name, mapped, expected) => expect(mapped()).toEqual(expected));
});
