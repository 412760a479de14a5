import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DemoConnection, Simulator, SimulatorManifest, TestScenario } from './simulator.ts';

/** Every folder beside the kit that has a manifest is a simulator; nothing lists them by hand. */
export async function findSimulators(): Promise<SimulatorManifest[]> {
  const root = join(import.meta.dirname, '..');
  const file = `manifest${extname(import.meta.filename)}`;
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, file)))
    .map((entry) => entry.name)
    .sort();
  return Promise.all(folders.map((folder) => loadManifest(join(root, folder, file))));
}

async function loadManifest(path: string): Promise<SimulatorManifest> {
  const { manifest } = (await import(pathToFileURL(path).href)) as { manifest?: SimulatorManifest };
  if (!manifest) throw new TypeError(`${path} exports no manifest`);
  return manifest;
}

/** How to connect to each simulator at its default address. */
export const demoConnections = async (): Promise<DemoConnection[]> =>
  (await findSimulators()).map((simulator) => simulator.demoConnection);

/** Starts one for a test that knows no vendor. Throws RangeError when there is none of that name. */
export async function startSimulator(platform: string, scenario: TestScenario = {}): Promise<Simulator> {
  const found = (await findSimulators()).find((one) => one.platform === platform);
  if (!found) throw new RangeError(`no simulator is called ${platform}`);
  return found.startTest(scenario);
}
