import type { AttributeData } from '@tributary/contracts';
import type { Inventory } from '@tributary/database';
import type { Projection } from '../inventory/projection.ts';

export const projectAttributes =
  (inventory: Inventory): Projection =>
  ({ context, data }) =>
    inventory.applyAttributes(context, data as AttributeData);
