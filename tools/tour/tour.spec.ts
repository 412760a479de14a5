import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { adapterNames } from '@tributary/testing/harness';
import { shellOf } from './readme.ts';
import { UpUnderTest } from './up-under-test.ts';

let house: UpUnderTest;

beforeAll(async () => {
  house = await UpUnderTest.start(`tour-${randomBytes(4).toString('hex')}`);
}, 240_000);
afterAll(() => house?.remove(), 90_000);

/** Every command counts, also in the middle of a pipe and within `$(…)`. */
const STRICT = `set -o pipefail -o errtrace
trap 'echo "FAILED: $BASH_COMMAND"; exit 1' ERR
`;

/** Of 7.76 or later, as Debian has it. */
const itWithCurl = spawnSync('curl', ['--fail-with-body', '--version']).status === 0 ? it : it.skip;

const answers = (address: string) =>
  fetch(address, { signal: AbortSignal.timeout(5_000) }).then(
    () => true,
    () => false,
  );

describe('a house that is up', () => {
  it('has every service and every simulator', () => {
    const platforms = adapterNames().map((app) => app.slice('adapter-'.length));
    const expected = ['api', 'telemetry-ingest', ...adapterNames(), ...platforms.map((id) => `simulator ${id}`)];
    for (const name of expected)
      expect(house.printed).toMatch(new RegExp(`^ +${name} +http://.*(ready|running)$`, 'm'));
    expect(house.addresses.length).toBeGreaterThanOrEqual(expected.length);
    expect(house.key).toMatch(/^trb_/);
  });

  it('is shown around by the tour', async () => {
    const { code, output } = await house.tool('tour/main.ts');
    expect(output).toContain('everything was as it should be');
    expect(code).toBe(0);
  }, 400_000);

  itWithCurl(
    'is what README.md says: its commands run as they stand there',
    async () => {
      const script = shellOf('Five minutes').replaceAll('http://127.0.0.1:8080', house.url);
      expect(script.match(/\bapi\b/g)?.length).toBeGreaterThan(10);
      const { code, output } = await house.run('bash', ['-c', STRICT + script], { KEY: house.key });
      expect(output).not.toMatch(/FAILED|"code":"/);
      // What README.md waits may be too short on a busy machine.
      const headers = { authorization: `Bearer ${house.key}` };
      const newest = () => fetch(`${house.url}/v1/telemetry/latest?signal=handmade`, { headers });
      await eventually(
        'the value that was written comes back',
        async () => (await (await newest()).text()).includes('"value":42.5'),
        { timeoutMs: 60_000 },
      );
      expect(output).toContain('event: telemetry.observed');
      expect(code).toBe(0);
    },
    180_000,
  );

  it('is not taken for healthy where it is not: the tour of a house that is gone fails', async () => {
    const { code, output } = await house.run(process.execPath, ['tools/tour/main.ts'], { TRIBUTARY_KEY: 'trb_wrong' });
    expect([code, output]).toEqual([1, expect.stringContaining('401 unauthorized')]);
  }, 60_000);

  it('stops with Ctrl-C, and nothing of it goes on', async () => {
    const { addresses } = house;
    expect(await house.interrupt()).toBe(0);
    expect(house.printed).toContain('The house is stopped.');
    expect(await Promise.all(addresses.map(answers))).toEqual(addresses.map(() => false));
  }, 90_000);
});
