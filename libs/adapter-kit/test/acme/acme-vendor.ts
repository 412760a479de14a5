import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AcmeExtras, answerExtra, noExtras } from './acme-vendor-extras.ts';
import { type AcmeHistory, historyPage, noHistory } from './acme-vendor-history.ts';

export interface Call {
  account: string;
  what: string;
}

/** The other side: every account has two devices and a series of points that grows when told. */
export interface AcmeVendor {
  url: string;
  /** Highest point number of each account. */
  produced: Map<string, number>;
  calls: Call[];
  /** Ids of orders in the order in which they took effect. */
  orders: string[];
  extras: AcmeExtras;
  history: AcmeHistory;
  /** Answers 401 to this key. */
  refused: Set<string>;
  /** Called before an order is answered; an order takes effect before. */
  onOrder: (id: string) => Promise<void>;
  /** Awaited before points are answered. */
  onPoints: () => Promise<void>;
  close(): Promise<void>;
}

const PAGE = 20;
const START = Date.UTC(2026, 0, 1);

/** The value of point n of an account: a function, so that any copy can be checked. */
export const expectedValue = (account: string, n: number): number => (account.length * 7919 + n * 31) % 1_000_003;
export const timeOf = (n: number): number => START + n * 1_000;

export async function startVendor(): Promise<AcmeVendor> {
  const vendor: AcmeVendor = {
    url: '',
    produced: new Map(),
    calls: [],
    orders: [],
    extras: noExtras(),
    history: noHistory(),
    refused: new Set(),
    onOrder: async () => {},
    onPoints: async () => {},
    close: async () => {},
  };
  const server = createServer((request, response) => void answer(request, response, vendor));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vendor.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vendor.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return vendor;
}

async function answer(request: IncomingMessage, response: ServerResponse, vendor: AcmeVendor): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://vendor');
  const [, account = '', what = '', name = ''] = url.pathname.split('/');
  vendor.calls.push({ account, what });
  const send = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (vendor.refused.has(String(request.headers['x-key']))) return void send(401, { error: 'wrong key' });
  if (what === 'devices')
    return void send(200, { devices: ['a', 'b'].map((id) => ({ id, name: `${account} ${id}` })) });
  if (what === 'points') await vendor.onPoints();
  if (what === 'points') return void send(200, points(account, Number(url.searchParams.get('after')), vendor));
  if (what === 'history') {
    const { status, body } = await historyPage(vendor.history, account, url.searchParams);
    return void send(status, body);
  }
  if (await answerExtra(request, response, vendor.extras, [what, ...url.pathname.split('/').slice(3)])) return;
  if (what === 'files') return sendFile(response, Number(name));
  if (what === 'orders') {
    const { id } = JSON.parse(await text(request)) as { id: string };
    vendor.orders.push(id);
    await vendor.onOrder(id);
    return void send(200, { state: 'confirmed' });
  }
  send(404, {});
}

function points(account: string, after: number, vendor: AcmeVendor) {
  const last = vendor.produced.get(account) ?? 0;
  const to = Math.min(last, after + PAGE);
  const list = [];
  for (let n = after + 1; n <= to; n++) {
    list.push({ n, device: n % 2 === 0 ? 'a' : 'b', ts: timeOf(n), value: expectedValue(account, n) });
  }
  return { points: list, more: to < last };
}

/** So many megabytes of zeros, at the reader's pace. */
function sendFile(response: ServerResponse, megabytes: number): void {
  const chunk = Buffer.alloc(65_536);
  let left = megabytes * 16;
  const more = () => {
    while (left > 0) {
      left -= 1;
      if (!response.write(chunk)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  more();
}

async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
