import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What came of one upload. */
export interface Received {
  name: string;
  mediaType: string | undefined;
  contentLength: string | undefined;
  bytes: number;
  digest: string;
  whole: boolean;
  /** Nothing comes any more. */
  over: boolean;
}

/** The HTTP side of an adapter. */
export interface FakeFileServer {
  url: string;
  bytes: Uint8Array;
  /** Bytes that were given without an end. */
  given: number;
  /** Answers that were cut. */
  aborted: number;
  received: Received[];
  /** What an upload is answered with; by default the file. With `early`, before it was read. */
  verdict: { status: number; body: unknown; early?: boolean } | undefined;
  /** Uploads are not read before this. */
  hold: Promise<void> | undefined;
  close(): Promise<void>;
}

/** `/file` and `/endless` give bytes, `/upload?name=` takes them. */
export async function startFakeFileServer(): Promise<FakeFileServer> {
  const server = createServer((request, response) => {
    if (request.method === 'PUT') void take(request, response, state);
    else give(request, response, state);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: FakeFileServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`,
    bytes: new TextEncoder().encode('bytes of a file'),
    given: 0,
    aborted: 0,
    received: [],
    verdict: undefined,
    hold: undefined,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}

function give(request: IncomingMessage, response: ServerResponse, state: FakeFileServer): void {
  response.on('close', () => {
    if (!response.writableFinished) state.aborted += 1;
  });
  response.writeHead(200, {
    'content-type': 'application/x-osf',
    'content-disposition': 'attachment; filename="a.osf"',
  });
  if (request.url !== '/endless') return void response.end(state.bytes);
  const pump = () => {
    let more = true;
    while (more) {
      more = response.write(state.bytes);
      state.given += state.bytes.byteLength;
    }
    response.once('drain', pump);
  };
  pump();
}

async function take(request: IncomingMessage, response: ServerResponse, state: FakeFileServer): Promise<void> {
  const name = new URL(request.url ?? '', state.url).searchParams.get('name') ?? '';
  const { 'content-type': mediaType, 'content-length': contentLength } = request.headers;
  const received: Received = { name, mediaType, contentLength, bytes: 0, digest: '', whole: false, over: false };
  state.received.push(received);
  const answer = ({ status, body }: { status: number; body: unknown }) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (state.verdict?.early) return void answer(state.verdict);
  await state.hold;
  const hash = createHash('sha256');
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      received.bytes += chunk.byteLength;
      hash.update(chunk);
    }
  } catch {
    // It broke off: `whole` stays false.
    received.over = true;
    return;
  }
  Object.assign(received, { digest: hash.digest('hex'), whole: true, over: true });
  const file = { nativeId: `file/${name}`, name, mediaType, sizeBytes: received.bytes };
  answer(state.verdict ?? { status: 200, body: file });
}
