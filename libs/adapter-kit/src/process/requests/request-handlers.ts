import type { AdapterReply } from '@tributary/contracts';
import type { RequestContext, RequestHandlers } from '@tributary/messaging';
import type { Clock } from '@tributary/runtime';
import { countingVendorCalls } from '../../http/vendor-calls.ts';
import { onCapability } from './capability.ts';
import { connectionTest, type DraftOptions } from './connection-test.ts';
import { deviceHandlers } from './device-handlers.ts';
import { entityHandlers } from './entity-handlers.ts';
import { type FileCounter, fileHandlers } from './file-handlers.ts';
import { graphqlHandlers } from './graphql-handler.ts';
import { itemPreview } from './item-handlers.ts';
import { loginHandlers } from './login-handlers.ts';
import { userHandlers } from './user-handlers.ts';

export interface RequestHandlerOptions extends DraftOptions {
  clock: Clock;
  health: (connectionId: string) => Promise<AdapterReply<'connection.health'>>;
  discoverSoon: (connectionId: string) => Promise<boolean>;
  files: FileCounter;
}

/** Every question that the contract of adapters knows. What a connection's adapter lacks is answered by `unsupported`. */
export function requestHandlers(options: RequestHandlerOptions): Required<RequestHandlers> {
  const on = onCapability(options.use);
  return counted({
    ...connectionHandlers(options),
    ...deviceHandlers(on),
    ...entityHandlers(on),
    ...userHandlers(on),
    ...fileHandlers(on, options.files),
    ...graphqlHandlers(on),
    ...loginHandlers(on, options),
  });
}

/** Every answer, and every failure, says what it has cost. */
function counted(handlers: Required<RequestHandlers>): Required<RequestHandlers> {
  const entries = Object.entries(handlers).map(([name, handler]) => {
    const work = handler as (payload: unknown, context: RequestContext) => Promise<unknown>;
    return [
      name,
      (payload: unknown, context: RequestContext) =>
        countingVendorCalls(
          () => work(payload, context),
          (calls) => {
            context.spent.vendorCalls = calls;
          },
        ),
    ];
  });
  return Object.fromEntries(entries) as Required<RequestHandlers>;
}

function connectionHandlers(options: RequestHandlerOptions) {
  return {
    'items.preview': itemPreview(options),
    'connection.test': connectionTest(options),
    'connection.health': ({ connectionId }) => options.health(connectionId),
    'connection.budget': ({ connectionId }) => options.use(connectionId, (instance) => instance.access.budget()),
    'connection.discover': async ({ connectionId }) => ({ started: await options.discoverSoon(connectionId) }),
  } satisfies RequestHandlers;
}
