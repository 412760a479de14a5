import type { FileData } from '@tributary/contracts';
import type { Inventory } from '@tributary/database';
import type { Projection } from '../inventory/projection.ts';

export const projectFiles =
  (inventory: Inventory): Projection =>
  ({ context, data }) =>
    inventory.applyFile(context, data as FileData);
