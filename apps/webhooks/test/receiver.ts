import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** An event as it arrived. */
export interface ArrivedEvent {
  id: string;
  type: string;
  subject: string;
  data: Record<string, unknown>;
}

/** One POST whose signature was right. */
export interface Arrival {
  webhookId: string;
  headers: IncomingMessage['headers'];
  events: ArrivedEvent[];
  body: string;
  /** Sockets are told apart by their port. */
  port: number | undefined;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;
/** What a receiver does with a POST. */
export type Behaviour = 'take' | 'hang' | Answer;

/** One subscriber's address. */
export class Mailbox {
  /** What it took. */
  readonly taken: Arrival[] = [];
  /** POSTs that came, whatever became of them. */
  attempts = 0;
  /** POSTs that the official library did not believe. */
  forged = 0;
  behaviour: Behaviour = 'take';

  constructor(
    readonly url: string,
    public secret: string,
  ) {}

  /** Events in the order in which they were first taken; what came twice counts once. */
  get events(): ArrivedEvent[] {
    const seen = new Map<string, ArrivedEvent>();
    for (const event of this.taken.flatMap((arrival) => arrival.events))
      if (!seen.has(event.id)) seen.set(event.id, event);
    return [...seen.values()];
  }

  get ids(): string[] {
    return this.events.map((event) => event.id);
  }
}

/** Subscribers' side: an HTTP server with any number of mailboxes, each at a path of its own. */
export class ReceiverServer {
  readonly #server: Server;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #hanging = new Set<ServerResponse>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(server = createServer()): Promise<ReceiverServer> {
    const receiver = new ReceiverServer(server);
    server.on('request', (request, response) => void receiver.#receive(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  mailbox(name: string, secret: string, scheme = 'http'): Mailbox {
    const mailbox = new Mailbox(`${scheme}://127.0.0.1:${this.port}/${name}`, secret);
    this.#mailboxes.set(`/${name}`, mailbox);
    return mailbox;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const mailbox = this.#mailboxes.get(request.url ?? '');
    if (!mailbox) return void response.writeHead(404).end();
    mailbox.attempts += 1;
    const body = await bodyOf(request);
    // Looked at when it is complete: a mailbox may have been repaired meanwhile.
    const { behaviour } = mailbox;
    if (behaviour === 'hang') return void this.#hanging.add(response);
    if (behaviour !== 'take') return behaviour(request, response);
    try {
      const read: unknown = new Webhook(mailbox.secret).verify(body, request.headers as Record<string, string>);
      const events = (Array.isArray(read) ? read : [read]) as ArrivedEvent[];
      const webhookId = String(request.headers['webhook-id']);
      mailbox.taken.push({ webhookId, headers: request.headers, events, body, port: request.socket.remotePort });
      response.writeHead(204).end();
    } catch {
      mailbox.forged += 1;
      response.writeHead(401).end();
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Answers with a status, and perhaps headers and a body. */
export const answering =
  (status: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);
