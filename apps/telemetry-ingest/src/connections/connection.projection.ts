import type { ConnectionData, EventName } from '@tributary/contracts';
import type { Inventory } from '@tributary/database';
import type { Projection } from '../inventory/projection.ts';

type ConnectionAction = Extract<EventName, `connection.${string}`> extends `connection.${infer A}` ? A : never;

/** What a connection last said of itself. */
export const projectConnections =
  (inventory: Inventory): Projection =>
  ({ context, action, data }) =>
    inventory.applyConnection(context, action as ConnectionAction, data as ConnectionData);
