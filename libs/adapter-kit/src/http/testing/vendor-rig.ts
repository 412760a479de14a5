import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach } from '@jest/globals';
import { Metrics, silentLogger, systemClock } from '@tributary/runtime';
import type { HttpOptions, VendorHttp, VendorRequest } from '../../connection-kit.ts';
import { type ConnectionAccess, type ConnectionAccessOptions, makeConnectionKit } from '../../make-connection-kit.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A vendor that answers as a test says, and access to it through all layers of the kit; one for each test. */
export class VendorRig {
  server: Server = createServer();
  handler: Handler = (_request, response) => reply(response, 404, '');
  seen: SeenRequest[] = [];
  readonly #open: ConnectionAccess[] = [];

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  access(options: Partial<ConnectionAccessOptions> = {}): ConnectionAccess {
    const made = makeConnectionKit({
      connectionId: 'con_test',
      manifest: { platform: 'acme', budgets: {} },
      log: silentLogger,
      metrics: new Metrics('test'),
      clock: systemClock,
      allowPrivateAddresses: true,
      random: () => 0.01,
      ...options,
    });
    this.#open.push(made);
    return made;
  }

  http(options: Partial<HttpOptions> = {}, made = this.access()): VendorHttp {
    return made.kit.http({ baseUrl: this.baseUrl, ...options });
  }

  async start(): Promise<void> {
    this.seen = [];
    this.server = createServer(async (request, response) => {
      let body = '';
      try {
        for await (const chunk of request) body += chunk;
      } catch {
        body += '(broken off)';
      }
      const { method = '', url = '', headers } = request;
      this.seen.push({ method, url, headers, body });
      this.handler(request, response, body);
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    for (const access of this.#open.splice(0)) await access.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Starts it before each test of the file, and stops it after. */
export function vendorRig(): VendorRig {
  const rig = new VendorRig();
  beforeEach(() => rig.start());
  afterEach(() => rig.stop());
  return rig;
}

export const get = (path: string, more: Partial<VendorRequest> = {}): VendorRequest => ({
  method: 'GET',
  path,
  operation: 'ACME-01',
  lane: 'live',
  idempotent: true,
  ...more,
});

export const reply = (
  response: ServerResponse,
  status: number,
  body: string,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, headers);
  response.end(body);
};

export const failureOf = (work: Promise<unknown>): Promise<Error & { code?: string }> =>
  work.then(
    () => Promise.reject(new Error('it should have failed')),
    (error: unknown) => error as Error & { code?: string },
  );
