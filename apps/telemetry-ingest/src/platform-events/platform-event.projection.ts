import type { PlatformEventData } from '@tributary/contracts';
import type { Inventory } from '@tributary/database';
import type { Projection } from '../inventory/projection.ts';

export const projectPlatformEvents =
  (inventory: Inventory): Projection =>
  ({ context, data }) =>
    inventory.applyPlatformEvent(context, data as PlatformEventData);
