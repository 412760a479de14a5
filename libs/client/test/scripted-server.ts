import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Seen {
  method: string;
  /** With its query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Step = (response: ServerResponse, request: Seen) => void;

export interface ScriptedServer {
  url: string;
  seen: Seen[];
  /** Answers that have not ended, and whose callers are still there. */
  open(): number;
  close(): Promise<void>;
}

/** Answers the nth request by the nth step, and all further ones by the last. */
export async function scripted(...steps: [Step, ...Step[]]): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  let open = 0;
  const server = createServer(async (request, response) => {
    const noted = { ...head(request), body: await text(request).catch(() => '') };
    seen.push(noted);
    open += 1;
    response.once('close', () => {
      open -= 1;
    });
    const step = steps[Math.min(seen.length, steps.length) - 1];
    step?.(response, noted);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    open: () => open,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const head = ({ method = '', url = '', headers }: IncomingMessage) => ({ method, url, headers });

export const json =
  (body: unknown, headers: Record<string, string> = {}, status = 200): Step =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

export const problem = (status: number, code: string, retryable: boolean, headers: Record<string, string> = {}): Step =>
  json(
    {
      type: `/docs/problems/${code}`,
      title: code,
      status,
      code,
      retryable,
      traceId: 'trace-1',
      detail: `this is ${code}`,
    },
    { 'content-type': 'application/problem+json', ...headers },
    status,
  );

/** Takes the request and breaks the connection without a word. */
export const cut: Step = (response) => void response.destroy();

/** Begins an answer and breaks off in the middle of its body. */
export const cutInBody =
  (beginning: string, headers: Record<string, string> = { 'content-type': 'application/json' }): Step =>
  (response) => {
    response.writeHead(200, headers);
    response.write(beginning, () => setImmediate(() => response.destroy()));
  };

export const hang: Step = () => undefined;
