import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AdapterDefinition, announcementOf, probeOnce } from '@tributary/adapter-kit';
import type { Json } from '@tributary/contracts';
import { type Simulator, startSimulator } from '@tributary/simulators';
import { adapterNames, repositoryRoot } from '@tributary/testing/harness';

/** Counts who knocks; nobody is let in. */
let door: Server;
let port: number;
let knocked = 0;
beforeAll(async () => {
  door = createServer((socket) => {
    knocked += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => door.listen(0, resolve));
  ({ port } = door.address() as AddressInfo);
});
afterAll(() => new Promise((resolve) => door.close(resolve)));

type Settings = { [key: string]: Json };

interface Member {
  name: string;
  schema: { [key: string]: Json };
}

/** Members of the settings, of each form that there is a choice of. */
function membersOf(schema: { [key: string]: Json }): Member[] {
  const forms = [schema, ...((schema.anyOf ?? schema.oneOf ?? []) as Settings[])];
  return forms.flatMap(({ properties }) =>
    Object.entries((properties ?? {}) as Record<string, Settings>).map(([name, member]) => ({ name, schema: member })),
  );
}

const isAddress = ({ schema }: Member): boolean => schema.format === 'uri';

describe.each(adapterNames())('%s', (name) => {
  const platform = name.replace('adapter-', '');
  let definition: AdapterDefinition;
  let simulator: Simulator;
  let addresses: Member[];
  beforeAll(async () => {
    const file = pathToFileURL(join(repositoryRoot, 'apps', name, 'src', 'adapter.ts')).href;
    definition = ((await import(file)) as { adapter: AdapterDefinition }).adapter;
    simulator = await startSimulator(platform);
    addresses = membersOf(announcementOf(definition, 0).settingsSchema).filter(isAddress);
  });
  afterAll(() => simulator?.stop());

  const probe = (settings: Settings, allowPrivateAddresses: boolean) =>
    probeOnce(definition, {
      settings,
      credentials: simulator.demoConnection.credentials,
      allowPrivateAddresses,
      signal: AbortSignal.timeout(20_000),
    });
  /** Without encryption; an `s` more is with it. */
  const protocolOf = ({ name: member }: Member): string | undefined =>
    ['http', 'mqtt', 'ws'].find((protocol) => {
      const { error } = definition.settings.safeParse({ ...demo(), [member]: `${protocol}://a` });
      return !error?.issues.some(({ path }) => path[0] === member);
    });
  const demo = () => simulator.demoConnection.settings as Settings;
  /** Every address of the settings is this one, with the protocol that it takes. */
  const everywhere = (host: string, secure: boolean): Settings => ({
    ...demo(),
    ...Object.fromEntries(
      addresses.map((member) => [member.name, `${protocolOf(member)}${secure ? 's' : ''}://${host}`]),
    ),
  });

  it('says of its settings which are addresses', () => {
    expect(addresses.length).toBeGreaterThan(0);
    const unsaid = membersOf(announcementOf(definition, 0).settingsSchema)
      .filter((member) => /url|uri|host|server|endpoint|address/i.test(member.name) && member.schema.type === 'string')
      .filter((member) => !isAddress(member));
    expect(unsaid.map((member) => member.name)).toEqual([]);
  });

  it('dials a private address where that is allowed, and otherwise none', async () => {
    expect(await probe(demo(), true)).toMatchObject({ ok: true });
    const before = simulator.journal.count({});
    expect(await probe(demo(), false)).toMatchObject({ ok: false });
    expect(simulator.journal.count({})).toBe(before);
  });

  it('dials none by another name, and none that a cloud keeps its secrets at', async () => {
    const hosts = ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1'];
    for (const host of hosts) {
      for (const secure of [true, false]) {
        const { ok, checks } = await probe(everywhere(`${host}:${port}`, secure), false);
        expect({ host, secure, ok }).toEqual({ host, secure, ok: false });
        expect(JSON.stringify(checks)).not.toContain(`${host}:${port}`);
      }
    }
    for (const host of ['169.254.169.254/latest/meta-data', '100.100.100.200', '[fd00:ec2::254]', 'metadata@10.0.0.1'])
      expect(await probe(everywhere(host, true), false)).toMatchObject({ ok: false });
    expect(knocked).toBe(0);
    await probe(everywhere(`127.0.0.1:${port}`, true), true);
    expect(knocked).toBeGreaterThan(0);
    knocked = 0;
  });
});
