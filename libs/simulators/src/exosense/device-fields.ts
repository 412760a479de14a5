import { may } from './accounts.ts';
import type { PhysicalDevice, Product } from './asset.ts';
import { timeText } from './datapoint.ts';
import { contains, type Execution, isAmong, type Paged, pageOf, resolver, rootField } from './resolver.ts';
import type { Resolvers } from './schema-dialect.ts';
import { notFound } from './vendor-error.ts';

interface DevicesArgs extends Paged {
  product?: string | null;
  unclaimed?: boolean | null;
  ids?: Array<string | null> | null;
  filters?: {
    text?: string | null;
    status?: string | null;
    health_status?: string | null;
    group_id?: string | null;
    sort?: string | null;
    single?: boolean | null;
    only_unused?: boolean | null;
  } | null;
}

export const deviceFields: Resolvers = {
  Query: {
    devices: rootField<DevicesArgs>((args, execution) => {
      const found = [...execution.state.devices.values()].filter(
        (device) => isVisible(device, execution) && isWanted(device, args),
      );
      if (args.filters?.sort === 'name') found.sort((a, b) => a.name.localeCompare(b.name, 'en'));
      const page = pageOf(args.filters?.single ? found.slice(0, 1) : found, args.pagination);
      execution.meter.items(page.length);
      return page;
    }),
    products: rootField((_args, { state }) => state.products),
  },
  Mutation: {
    deleteDevice: rootField<{ id: string }>(({ id }, execution) => {
      const found = execution.state.devices.get(id);
      if (!found || !isVisible(found, execution)) throw notFound('Device');
      execution.state.devices.delete(id);
      if (found.asset) found.asset.device = undefined;
      return found;
    }),
  },
  Device: {
    resources: resolver<PhysicalDevice>(resourcesOf),
    state: resolver<PhysicalDevice>(({ connected, asset }) => ({
      connected,
      lastHeard: asset?.lastHeard === undefined ? null : timeText(asset.lastHeard),
    })),
  },
  Product: { settings: resolver<Product>(({ pid }) => ({ fqdn: `${pid}.m2.exosite.io` })) },
};

/** Devices that nobody has claimed belong to no group: who manages devices sees them. */
const isVisible = (device: PhysicalDevice, { state, caller }: Execution): boolean =>
  device.group ? state.sees(caller, device.group) : may(caller, 'manage-devices');

function isWanted(device: PhysicalDevice, { product, unclaimed, ids, filters }: DevicesArgs): boolean {
  if (product && device.product.pid !== product) return false;
  if ((device.group === undefined) !== (unclaimed ?? false)) return false;
  if (!isAmong(ids, device.id) || !contains(filters?.text, device.name, device.identity)) return false;
  if (filters?.group_id && device.group?.id !== filters.group_id) return false;
  if (filters?.only_unused && device.asset) return false;
  return !filters?.status || filters.status === (device.connected ? 'connected' : 'disconnected');
}

/** The newest value of each channel, what the channels are, and what the device was told. */
function resourcesOf(device: PhysicalDevice, _args: unknown, { state }: Execution) {
  const signals = (device.asset?.signals ?? []).filter((signal) => signal.channel !== undefined);
  const dataIn = Object.fromEntries(
    signals.flatMap((signal) => state.newest(signal, 1).map(({ value }) => [signal.channel, value])),
  );
  const channels = Object.fromEntries(
    signals.map(({ channel, name, type, unit, control }) => [
      channel,
      {
        display_name: name,
        properties: { data_type: type.id, data_unit: unit?.id ?? null, control: control !== undefined },
      },
    ]),
  );
  return [
    { name: 'data_in', value: JSON.stringify(dataIn) },
    { name: 'config_io', value: JSON.stringify({ channels }) },
    { name: 'data_out', value: JSON.stringify(device.dataOut) },
  ];
}
