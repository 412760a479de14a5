import type { CapabilityName } from '@tributary/contracts';
import { type RequestHandlers, serveRequests } from '@tributary/messaging';
import { Metrics, newId, silentLogger } from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import { type ChannelModel, connect } from 'amqplib';
import { makeWorkspace } from '../../src/api-keys/bootstrap-key.ts';
import { acmePlatform } from './fake-platform.ts';
import { BROKER_URL, type World } from './world.ts';

export interface MorePlatform {
  id: string;
  /** Replaceable: a test says how the adapter behaves. */
  handlers: RequestHandlers;
  /** Names of the questions that came. */
  asked: string[];
  close(): Promise<void>;
}

/** One more platform in a world, with an adapter that answers these questions over the real broker. */
export async function joinPlatform(
  world: World,
  id: string,
  handlers: RequestHandlers,
  capabilities: CapabilityName[] = acmePlatform.capabilities,
): Promise<MorePlatform> {
  const asked: string[] = [];
  // The handler is looked for anew each time, so that a test can change it.
  const relayed = Object.keys(handlers).map((name) => [
    name,
    (payload: unknown, context: unknown) => {
      asked.push(name);
      return (handlers[name as keyof RequestHandlers] as (payload: unknown, context: unknown) => unknown)(
        payload,
        context,
      );
    },
  ]);
  const server = await serveRequests({
    url: BROKER_URL,
    namespace: world.namespace,
    name: id,
    platform: id,
    handlers: Object.fromEntries(relayed) as RequestHandlers,
    log: silentLogger,
    metrics: new Metrics('fake'),
    drainMs: 100,
  });
  await world.db.pool.query('insert into platform (id, resource, updated_at) values ($1, $2, now())', [
    id,
    { ...acmePlatform, id, displayName: id, capabilities },
  ]);
  const broker = await connect(BROKER_URL);
  const queue = world.broker.names.adapterRequests(id);
  await eventually('the adapter answers', () => isServed(broker, queue));
  const close = async () => {
    await server.close();
    await (await broker.createChannel()).deleteQueue(queue);
    await broker.close();
  };
  return { id, handlers, asked, close };
}

/** Looks with a channel of its own: looking at a queue that is not there closes the channel. */
async function isServed(broker: ChannelModel, queue: string): Promise<boolean> {
  const channel = await broker.createChannel();
  channel.on('error', () => {});
  try {
    return (await channel.checkQueue(queue)).consumerCount > 0;
  } catch {
    return false;
  }
}

/** A connection of a workspace to a platform; returns its id. */
export async function connectTo(world: World, platform: string, workspace = 'default'): Promise<string> {
  await makeWorkspace(world.db.pool, workspace);
  const id = newId('con');
  await world.db.pool.query(
    `insert into connection (id, workspace_id, platform, name, settings, credentials, credentials_fingerprint, credentials_updated_at, updated_at)
     values ($1, $2, $3, $3, '{}', '', '', now(), now())`,
    [id, workspace, platform],
  );
  return id;
}
