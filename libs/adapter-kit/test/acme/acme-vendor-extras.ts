import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the vendor has beside devices, points, orders and files. */
export interface AcmeExtras {
  users: string[];
  /** `record relation -> targets` in the order in which they were related. */
  relations: Map<string, string[]>;
  documents: string[];
  /** Uploads that came through, and names of those that broke off. */
  uploads: { name: string; bytes: number; sha256: string; mediaType: string }[];
  broken: string[];
  /** Refresh tokens are good once; whoever uses one again has `reused` counted. */
  sessions: { seconds: number; logIns: number; refreshes: number; reused: number; signedOut: string[] };
  /** Status that uploads are answered with; 201 takes them. */
  uploadStatus: number;
}

export const noExtras = (): AcmeExtras => ({
  users: ['ada'],
  relations: new Map(),
  documents: [],
  uploads: [],
  broken: [],
  sessions: { seconds: 2, logIns: 0, refreshes: 0, reused: 0, signedOut: [] },
  uploadStatus: 201,
});

type Route = (
  request: IncomingMessage,
  extras: AcmeExtras,
  words: string[],
) => Promise<{ status: number; body: unknown }>;

/** By method and the word after the account. */
export const extraRoutes: Record<string, Route> = {
  'GET users': async (_request, { users }) => ({ status: 200, body: { users } }),
  'POST users': async (request, { users }) => {
    const { name } = JSON.parse(await text(request)) as { name: string };
    if (users.includes(name)) return { status: 409, body: {} };
    users.push(name);
    return { status: 200, body: { name } };
  },
  'DELETE users': async (_request, { users }, [name = '']) => {
    const at = users.indexOf(name);
    if (at !== -1) users.splice(at, 1);
    return { status: at === -1 ? 404 : 200, body: {} };
  },
  'GET relations': async (_request, { relations }, [id = '', relation = '']) => ({
    status: 200,
    body: { targets: relations.get(`${id} ${relation}`) ?? [] },
  }),
  'POST relations': async (request, { relations }, [id = '', relation = '']) => {
    const { targets } = JSON.parse(await text(request)) as { targets: string[] };
    relations.set(`${id} ${relation}`, [...(relations.get(`${id} ${relation}`) ?? []), ...targets]);
    return { status: 200, body: {} };
  },
  'POST graphql': async (request, { documents }) => {
    const { query } = JSON.parse(await text(request)) as { query: string };
    documents.push(query);
    return { status: 200, body: { data: { said: query.length }, extensions: { cost: 1 } } };
  },
  'POST token': async (request) => {
    const form = new URLSearchParams(await text(request));
    const good = form.get('code') === 'secret-code' && form.get('verifier') === 'secret-verifier';
    return good ? { status: 200, body: { key: 'secret-new-key' } } : { status: 401, body: {} };
  },
  'POST session': async (request, { sessions }) => {
    const refresh = new URLSearchParams(await text(request)).get('refresh');
    if (refresh === null) sessions.logIns += 1;
    else if (refresh === String(sessions.logIns + sessions.refreshes)) sessions.refreshes += 1;
    else {
      sessions.reused += 1;
      return { status: 401, body: {} };
    }
    const issued = String(sessions.logIns + sessions.refreshes);
    return { status: 200, body: { token: `session-${issued}`, refresh: issued, seconds: sessions.seconds } };
  },
  'POST sign-out': async (request, { sessions }) => {
    sessions.signedOut.push(new URLSearchParams(await text(request)).get('token') ?? '');
    return { status: 200, body: {} };
  },
  'PUT uploads': async (request, extras, [name = '']) => {
    if (extras.uploadStatus !== 201) return { status: extras.uploadStatus, body: {} };
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const chunk of request) {
        bytes += (chunk as Buffer).byteLength;
        hash.update(chunk as Buffer);
      }
    } catch {
      extras.broken.push(name);
      return { status: 400, body: {} };
    }
    extras.uploads.push({ name, bytes, sha256: hash.digest('hex'), mediaType: request.headers['content-type'] ?? '' });
    return { status: 201, body: { id: `file-${extras.uploads.length}`, name } };
  },
};

export async function answerExtra(
  request: IncomingMessage,
  response: ServerResponse,
  extras: AcmeExtras,
  [what = '', ...words]: string[],
): Promise<boolean> {
  const route = extraRoutes[`${request.method} ${what}`];
  if (!route) return false;
  const { status, body } = await route(request, extras, words.map(decodeURIComponent));
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return true;
}

async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
