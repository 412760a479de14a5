import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newReport, type OsfReport, readOsf } from '../src/osf/read-osf.ts';
import { unpack } from '../src/osf/unpack.ts';
import { collect, never, type Rig, startRig } from './rig.ts';

const MAX_BYTES = 64 * 1024 * 1024;

interface TrueSample {
  channel: string;
  tsNs: string;
  value: unknown;
}

/** The reader against files that somebody else wrote, from another reading of the format. */
describe.each([
  ['as stored', false],
  ['each in a ZIP', true],
])('measurement files of the simulator, %s', (_name, zipSingleFile) => {
  let rig: Rig;
  let device: string;
  beforeAll(async () => {
    rig = await startRig({ devices: 2, producing: false, zipSingleFile });
    device = (await rig.discover())[1] ?? '';
  });
  afterAll(() => rig.stop());

  async function read(name: string): Promise<{ samples: TrueSample[]; report: OsfReport }> {
    const content = await rig.adapter.files?.open?.(device, [name], never);
    expect(content?.mediaType === 'application/zip').toBe(zipSingleFile);
    const report = newReport();
    if (!content) throw new RangeError('the adapter offers no files');
    const blocks = await collect(readOsf(unpack(content.bytes, MAX_BYTES), report));
    const samples = blocks.flat().map(({ channel, ns, value }) => ({ channel: channel.name, tsNs: `${ns}`, value }));
    return { samples, report };
  }

  it('decodes every variant to the samples that were written', async () => {
    const window = { device, fromMs: 0, toMs: Date.now() + 86_400_000, limit: 1000 };
    const files = await collect(rig.adapter.files?.list?.(window, never) ?? []);
    const readable = files.filter(({ location }) => location === 'both' || location === 'platform');
    expect(readable.length).toBeGreaterThan(5);
    const differing: string[] = [];
    for (const { name } of readable) {
      const expected = (await rig.simulator.actions.run('file-samples', { device, name })) as TrueSample[];
      const { samples, report } = await read(name);
      const same = JSON.stringify(sorted(samples)) === JSON.stringify(sorted(expected));
      if (!same) differing.push(`${name}: ${samples.length} of ${expected.length} ${JSON.stringify(report)}`);
    }
    expect(differing).toEqual([]);
  });
});

const sorted = (samples: readonly TrueSample[]) =>
  samples.map(({ channel, tsNs, value }) => [channel, tsNs, JSON.stringify(value)].join('|')).sort();
