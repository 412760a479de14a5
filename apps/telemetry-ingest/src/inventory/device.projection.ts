import type { DeviceData } from '@tributary/contracts';
import type { Inventory } from '@tributary/database';
import type { Projection } from './projection.ts';

/** Devices and the spaces they are in. */
export const projectDevices =
  (inventory: Inventory): Projection =>
  ({ context, action, data }) =>
    inventory.applyDevice(context, action as 'discovered' | 'updated' | 'removed', data as DeviceData);
