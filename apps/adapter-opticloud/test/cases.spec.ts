import { describe, expect, it } from '@jest/globals';
import { type PointValue, parseExactJson } from '@tributary/adapter-kit';
import { type Mappings, mappingCases } from '@tributary/adapter-kit/testing';
import { attributeScope } from '@tributary/contracts';
import { readFileList } from '../src/file-list.ts';
import {
  attributeReports,
  attributesAnswered,
  deviceEntity,
  deviceSnapshot,
  fileListed,
  fileOnServer,
  mergeFiles,
  platformEvent,
  pointsOf,
  sharedChanges,
  telemetryPayloads,
} from '../src/mapping.ts';
import * as wire from '../src/wire.ts';

const DEVICE = 'device-1';
const TENANT = { id: 'tenant-1', name: 'MyTenant' };

const mappings: Mappings = {
  device: (payload) => deviceSnapshot(wire.device.parse(payload), TENANT),
  'device-as-entity': (payload) => deviceEntity(deviceSnapshot(wire.device.parse(payload), TENANT)),
  telemetry: (text: string) => pointsOf(rowsOf(text), 'native'),
  'telemetry-inferred': (text: string) => pointsOf(rowsOf(text), 'infer'),
  attributes: ({ scope, rows }: { scope: string; rows: unknown[] }) =>
    attributeReports(
      attributeScope.parse(scope),
      rows.map((row) => wire.attributeRow.parse(row)),
    ),
  'attributes-answered': (payload) => attributesAnswered(wire.attributeAnswer.parse(payload)),
  'shared-changes': (payload) => sharedChanges(wire.sharedUpdate.parse(payload)),
  communication: (entries: unknown[]) =>
    entries.map((entry) => platformEvent(DEVICE, wire.communicationEntry.parse(entry))),
  'files-on-server': (rows: unknown[]) => rows.map((row) => fileOnServer(DEVICE, wire.fileRow.parse(row))),
  'files-listed': (xml: string) => listed(xml),
  'files-merged': ({ rows, xml }: { rows: unknown[]; xml: string }) =>
    mergeFiles(
      rows.map((row) => fileOnServer(DEVICE, wire.fileRow.parse(row))),
      listed(xml),
    ),
  'telemetry-payloads': (points: PointValue[]) => telemetryPayloads(points),
};

/** As the client reads it: from text, so that no digit is lost. */
function rowsOf(text: string): wire.SeriesRow[] {
  const table = wire.seriesTable.parse(parseExactJson('case', text));
  return Object.entries(table).flatMap(([key, list]) =>
    list.map((row) => wire.seriesRow.parse({ ...(row as object), key })),
  );
}

const listed = (xml: string) => readFileList(xml).map((file) => fileListed(DEVICE, wire.geoLogFile.parse(file)));

const cases = mappingCases(new URL('./cases/', import.meta.url), mappings);

describe('mapping cases', () => {
  it.each(cases)('%s', (_name, mapped, expected) => expect(mapped()).toEqual(expected));
});
