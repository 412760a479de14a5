import { INGEST, WEBHOOKS } from '@tributary/contracts';
import { type TopologyNames, topologyNames } from '@tributary/messaging';
import amqp from 'amqplib';

/** Removes everything that a namespace has on a broker. Deleting what is not there is no error. */
export async function dropTopology(
  rabbitmqUrl: string,
  namespace: string,
  platforms: readonly string[],
): Promise<void> {
  const names: TopologyNames = topologyNames(namespace);
  const exchanges = [names.events, names.unrouted, names.dead];
  const queues = [
    ...Object.values(names).filter((name) => typeof name === 'string'),
    ...[...platforms, WEBHOOKS, INGEST].flatMap((platform) => [
      names.adapterCommands(platform),
      names.adapterRequests(platform),
    ]),
  ];
  const connection = await amqp.connect(rabbitmqUrl);
  const channel = await connection.createChannel();
  for (const queue of queues) await channel.deleteQueue(queue);
  for (const exchange of exchanges) await channel.deleteExchange(exchange);
  await connection.close();
}
