import type { Call, Limitations } from '@tributary/adapter-kit';
import { InvalidRequestError, isPlatformError } from '@tributary/contracts';
import { misfitText } from './capabilities/telemetry.misfits.ts';
import type { MeshydbClient } from './client.ts';
import type { DocumentMapping, Settings } from './config.ts';
import { attributesOf, type Misfit, readingOf, valueAt } from './mapping.ts';
import type { MeshDocument } from './wire.ts';

const SAMPLE = 100;
const PAGE_SIZE = 200;

export interface ProbeOptions {
  client: MeshydbClient;
  settings: Pick<Settings, 'documents'>;
  limitations: Limitations;
}

/**
 * Who we are, and whether mappings fit: the newest documents of each mapped mesh are looked at, one call a mesh. Throws
 * `InvalidRequestError` that names mesh and field of a mapping that cannot be right.
 */
export async function probe(options: ProbeOptions, signal: AbortSignal): Promise<void> {
  const call: Call = { lane: 'interactive', signal };
  await options.client.me(call);
  for (const mapping of options.settings.documents)
    await permitted(mapping.mesh, options, () => probeMapping(mapping, options, call));
}

/** A right that is missing for one mesh leaves the others. */
async function permitted(mesh: string, { limitations }: ProbeOptions, work: () => Promise<void>): Promise<void> {
  const what = `${mesh} right`;
  try {
    await work();
    limitations.lift(what);
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'permission-denied') throw error;
    limitations.note(what, `the user may not read the mesh "${mesh}"`);
  }
}

async function probeMapping(mapping: DocumentMapping, options: ProbeOptions, call: Call): Promise<void> {
  const { client, limitations } = options;
  const { mesh } = mapping;
  const newest = { orderBy: { _id: -1 }, pageSize: SAMPLE } as const;
  const { items } = await client.search(mesh, newest, call);
  const what = `${mesh} sample`;
  limitations.lift(what);
  if (items.length === 0) {
    if ((await isKnown(mesh, client, call)) === false)
      throw new InvalidRequestError(`documents: there is no mesh "${mesh}"`);
    limitations.note(what, `the mesh "${mesh}" has no documents yet, so its mapping could not be tried`);
    return;
  }
  const misfit = misfitOf(items, mapping);
  if (misfit) {
    throw new InvalidRequestError(
      `documents: none of the newest ${items.length} documents of the mesh "${mesh}" has ${misfitText(misfit, mapping)}`,
    );
  }
  const absent = mapping.values.filter(({ field }) => !items.some((document) => isThere(document, field)));
  if (absent.length === 0) return;
  const fields = absent
    .map(({ field }) => `"${field}"`)
    .join(', ')
    .slice(0, 300);
  limitations.note(
    what,
    `none of the newest ${items.length} documents of the mesh "${mesh}" has the value field ${fields}`,
  );
}

/** The part of the mapping that fits no document; undefined where some document fits. */
function misfitOf(documents: readonly MeshDocument[], mapping: DocumentMapping): Misfit | undefined {
  const misfits = documents
    .map((document) => readingOf(document, mapping))
    .filter((reading) => typeof reading === 'string');
  if (misfits.length < documents.length) return undefined;
  // The one that most of the way was right for.
  return misfits.includes('values') ? 'values' : misfits.includes('timeField') ? 'timeField' : 'deviceField';
}

function isThere(document: MeshDocument, field: string): boolean {
  const value = valueAt(attributesOf(document), field);
  return value !== undefined && value !== null;
}

/** Whether there is such a mesh, where the account tells: an empty one and none at all look the same in a search. */
async function isKnown(mesh: string, client: MeshydbClient, call: Call): Promise<boolean | undefined> {
  try {
    for (let page = 1; ; page++) {
      const { items, rows } = await client.permissibles({ page, pageSize: PAGE_SIZE }, call);
      if (items.some(({ name }) => name.toLowerCase() === `meshes.${mesh}`)) return true;
      if (rows < PAGE_SIZE) return false;
    }
  } catch (error) {
    if (isPlatformError(error) && ['not-found', 'permission-denied', 'invalid-request'].includes(error.code))
      return undefined;
    throw error;
  }
}
