import type { Adapter, Call } from '@tributary/adapter-kit';
import { isPlatformError } from '@tributary/contracts';
import type { OchnoClient } from '../client.ts';
import type { Inventory } from '../inventory.ts';
import { hubAttributes, portAttributes } from '../mapping.ts';

/** What the platform holds of a hub or port, and what the plugged device says of itself. Read-only: none is documented to write. */
export function attributesCapability(client: OchnoClient, inventory: Inventory): NonNullable<Adapter['attributes']> {
  return {
    read: async (device, signal) => {
      const call: Call = { lane: 'interactive', signal };
      if (inventory.kindOf(device) === 'hub') return hubAttributes(await client.hub(device, call));
      try {
        return portAttributes(await client.port(device, call));
      } catch (error) {
        const unknown = isPlatformError(error) && error.code === 'not-found' && inventory.kindOf(device) === undefined;
        if (!unknown) throw error;
        return hubAttributes(await client.hub(device, call));
      }
    },
  };
}
