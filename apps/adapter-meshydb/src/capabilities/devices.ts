import type { Adapter, Call, DeviceSnapshot, Page } from '@tributary/adapter-kit';
import type { DocumentMapping, Settings } from '../config.ts';
import { attributesOf, valueAt } from '../mapping.ts';
import { storedName } from '../names.ts';
import type { MeshReader } from '../reader.ts';

export interface DevicesOptions {
  reader: MeshReader;
  settings: Pick<Settings, 'documents' | 'pageSize'>;
}

/** Devices are what the documents of mapped meshes name: nothing else at this platform is one. */
export function devicesCapability(options: DevicesOptions): NonNullable<Adapter['devices']> {
  return {
    discover: async function* (signal) {
      const seen = new Set<string>();
      for (const mapping of options.settings.documents)
        yield* devicesOf(mapping, seen, options, { lane: 'reconcile', signal });
    },
  };
}

/**
 * Every value of the device field: sorted by it, a page ends in some device, and the next begins behind that device. A
 * call brings at least one new device, however many documents each of them has.
 */
async function* devicesOf(
  mapping: DocumentMapping,
  seen: Set<string>,
  { reader, settings }: DevicesOptions,
  call: Call,
): AsyncGenerator<Page<DeviceSnapshot>, void, undefined> {
  const path = mapping.deviceField.split('.').map(storedName).join('.');
  for (let last = ''; ; ) {
    const asked = {
      where: { kind: 'field', path, test: { operator: '$gt', value: last } },
      // The newest document first: it has the name that the device has now.
      orderBy: { [path]: 1, _id: -1 },
      pageSize: settings.pageSize,
    } as const;
    const { items, rows, total } = await reader.find(mapping.mesh, asked, call);
    const found: DeviceSnapshot[] = [];
    for (const document of items) {
      const attributes = attributesOf(document);
      const device = valueAt(attributes, mapping.deviceField);
      if (typeof device !== 'string' || device === '') continue;
      last = device;
      if (seen.has(device)) continue;
      seen.add(device);
      const name = mapping.deviceNameField === undefined ? undefined : valueAt(attributes, mapping.deviceNameField);
      found.push({
        nativeId: device,
        name: typeof name === 'string' && name !== '' ? name : device,
        spaces: [],
        properties: { mesh: mapping.mesh },
      });
    }
    yield { items: found };
    const read = items.length > 0 && asked.where.test.value !== last;
    if (!read || (total === undefined ? rows < settings.pageSize : total <= rows)) return;
  }
}
