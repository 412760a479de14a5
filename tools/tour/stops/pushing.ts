import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { eventually, must, type Stop } from '../stop.ts';

interface Delivery {
  body: string;
  headers: IncomingHttpHeaders;
}

/** A receiver as a user would write one: takes what comes, and answers at once. */
async function receive(deliveries: Delivery[]): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    deliveries.push({ body: await text(request), headers: request.headers });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tributary`, server };
}

export const webhook: Stop = {
  title: 'Webhooks: events are sent to an address, signed, in order, until it has taken them',
  async go({ tributary, show }) {
    const deliveries: Delivery[] = [];
    const { url, server } = await receive(deliveries);
    // region: webhook
    const { id, signingSecret } = await tributary.post('/v1/subscriptions', {
      body: { url, events: { types: ['telemetry'] }, batch: { maxEvents: 10, maxWaitMs: 500 } },
    });
    // endregion
    const path = { subscriptionId: id };
    try {
      const first = await eventually('a delivery', async () => deliveries[0]);
      // Throws where the signature is not right, or too old.
      const body = new Webhook(must(signingSecret, 'a secret')).verify(
        first.body,
        first.headers as Record<string, string>,
      );
      must(Array.isArray(body) && body.length > 0, 'a batch of events');
      show('signature verified', `${(body as unknown[]).length} events in the first delivery`);
      const { items } = await tributary.get('/v1/subscriptions/{subscriptionId}/deliveries', { path });
      must(items.length > 0, 'the delivery in the ledger');
    } finally {
      const { etag = '' } = await tributary.request('get', '/v1/subscriptions/{subscriptionId}', { path });
      await tributary.delete('/v1/subscriptions/{subscriptionId}', { path, ifMatch: etag });
      server.closeAllConnections();
      server.close();
    }
  },
};
