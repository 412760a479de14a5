import type { Adapter, Call, DeviceSnapshot, Limitations, NativeId } from '@tributary/adapter-kit';
import type { PlatformError } from '@tributary/contracts';
import { isMissing } from '../errors.ts';
import { type CompanyInventory, type Inventory, whereaboutsIn } from '../inventory.ts';
import { hubSnapshot, portSnapshot } from '../mapping.ts';
import type { PortStates } from '../port-states.ts';

export interface DevicesOptions {
  inventory: Inventory;
  states: PortStates;
  limitations: Limitations;
}

/** The list of companies is short, and every user may see it. */
export async function probe({ inventory }: Pick<DevicesOptions, 'inventory'>, signal: AbortSignal): Promise<void> {
  await inventory.companies({ lane: 'interactive', signal });
}

export function devicesCapability(options: DevicesOptions): NonNullable<Adapter['devices']> {
  return { discover: (signal) => discover(options, { lane: 'reconcile', signal }) };
}

/**
 * Hubs before their ports, company by company. One that may not be read keeps the devices that it was last seen with;
 * where nobody has seen it yet the sweep fails at its end, so that nothing is taken for gone.
 */
async function* discover({ inventory, states, limitations }: DevicesOptions, call: Call) {
  const { companies, missing } = await inventory.companies(call);
  noteMissing(limitations, missing);
  const seen = new Set<NativeId>();
  let unread: PlatformError | undefined;
  for (const company of companies) {
    const what = `inventory ${company.id}`;
    let found: CompanyInventory | undefined;
    try {
      found = await inventory.now(company, call);
      limitations.lift(what);
    } catch (error) {
      if (!isMissing(error)) throw error;
      limitations.note(what, `company ${company.id} cannot be read: ${error.code}`);
      found = inventory.known(company.id);
      if (!found) unread = error;
    }
    if (found) yield { items: snapshots(found, seen, limitations) };
  }
  if (unread) throw unread;
  for (const memory of [states, inventory]) memory.keepOnly((device) => seen.has(device));
}

function noteMissing(limitations: Limitations, missing: readonly string[]): void {
  if (missing.length === 0) limitations.lift('companies');
  else limitations.note('companies', `the user does not see ${missing.length} of the companies in the settings`);
}

/** Hubs and ports have ids of their own; should two be the same, the first has it. */
function snapshots(found: CompanyInventory, seen: Set<NativeId>, limitations: Limitations): DeviceSnapshot[] {
  const whereabouts = whereaboutsIn(found);
  const all = [
    ...found.hubs.map((hub) => hubSnapshot(hub, whereabouts(hub))),
    ...found.ports.map((port) => portSnapshot(port, whereabouts(port))),
  ];
  return all.filter(({ nativeId }) => {
    if (!seen.has(nativeId)) return seen.add(nativeId);
    limitations.note('ids', 'two devices have the same id; only the first of them is read');
    return false;
  });
}
