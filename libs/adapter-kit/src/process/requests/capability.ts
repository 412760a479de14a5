import {
  type AdapterReply,
  type AdapterRequestName,
  type adapterRequests,
  UnsupportedError,
} from '@tributary/contracts';
import type { RequestContext } from '@tributary/messaging';
import type { z } from 'zod';
import type { Adapter } from '../../contract.ts';
import type { ConnectionInstance } from '../supervision/connection-instance.ts';

export type Payload<N extends AdapterRequestName> = z.output<(typeof adapterRequests)[N]['payload']>;

/** Questions that are put to one connection of those that exist. */
export type ConnectionRequestName = Exclude<AdapterRequestName, 'connection.test'>;

export type UseInstance = <T>(connectionId: string, work: (instance: ConnectionInstance) => Promise<T>) => Promise<T>;

/** Makes the handler of one kind of question: `work` with the capability it needs, or `UnsupportedError`. */
export type On = <N extends ConnectionRequestName, C>(
  name: N,
  capability: (adapter: Adapter) => C | undefined,
  work: (capability: C, question: Question<N>) => Promise<AdapterReply<N>>,
) => (payload: Payload<N>, context: RequestContext) => Promise<AdapterReply<N>>;

export interface Question<N extends AdapterRequestName> {
  payload: Payload<N>;
  signal: AbortSignal;
  instance: ConnectionInstance;
}

export const onCapability =
  (use: UseInstance): On =>
  (_name, capability, work) =>
  (payload, { signal }) =>
    use(payload.connectionId, async (instance) => {
      const found = capability(instance.adapter);
      if (found === undefined) throw new UnsupportedError('the platform, or this connection of it, cannot do that');
      return work(found, { payload, signal, instance });
    });

/** A method that is there, still attached to what it belongs to. */
export function method<O extends object, K extends keyof O>(
  owner: O | undefined,
  name: K,
): NonNullable<O[K]> | undefined {
  const found = owner?.[name];
  return typeof found === 'function' ? found.bind(owner) : undefined;
}

/** Without the members that are undefined: optional is not the same as undefined. */
export const given = <T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
