import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Address of a subscriber, and the ids that came to it. */
export async function startReceiver() {
  const ids = new Set<string>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const events = [JSON.parse(Buffer.concat(chunks).toString())].flat() as { id: string }[];
      for (const { id } of events) ids.add(id);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/`, ids, close };
}
