import type { CommandFact, RecordFact } from '../check/facts.ts';
import type { Company } from '../load/company.ts';
import type { World } from '../world/world.ts';

interface CommandRow extends Record<string, unknown> {
  id: string;
  platform: string;
  native_id: string;
  name: string;
  params: Record<string, unknown>;
  state: string;
  states: string[];
}

const COMMANDS = `
  select c.id, c.platform, c.native_id, c.name, c.params, c.state,
         array(select t.state from command_transition t where t.command_id = c.id order by t.step) as states
  from command c`;

const orderKey = (platform: string, { nativeId, name, params }: { nativeId: string; name: string; params: object }) =>
  [platform, nativeId, name, ...Object.entries(params).toSorted().flat()].join(' ');

/** Every order that was given beside the ledger's rows for it and what the platform did. */
export async function collectCommands(world: World, { orders }: Company): Promise<CommandFact[]> {
  const rows = Map.groupBy(await world.database.query<CommandRow>(COMMANDS), ({ native_id: nativeId, ...row }) =>
    orderKey(row.platform, { ...row, nativeId }),
  );
  return orders.given.map(({ platform, order, commandId }) => ({
    platform: platform.platform,
    order: `${order.name} ${JSON.stringify(order.params)} to ${order.nativeId}`,
    answered: commandId !== undefined,
    rows: (rows.get(orderKey(platform.platform, order)) ?? []).map(({ id, state, states }) => ({ id, state, states })),
    effects: platform.orders?.effects(order) ?? 0,
  }));
}

export const collectRecords = ({ records }: Company): Promise<RecordFact[]> =>
  Promise.all(records.written.map(async (record) => ({ ...record, found: await records.found(record.marker) })));
