import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import type { FaultOf } from './fault-types.ts';

/** What a handler may have answered with. */
export type Payload = string | Buffer | Uint8Array | AsyncIterable<Buffer | Uint8Array | string> | null | undefined;

/** The whole answer in memory: most answers are, streams are read to their end. */
export async function wholeBody(payload: Payload): Promise<Buffer> {
  if (payload === null || payload === undefined) return Buffer.alloc(0);
  if (typeof payload === 'string' || payload instanceof Uint8Array) return Buffer.from(payload);
  const chunks: Buffer[] = [];
  for await (const chunk of payload) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** An answer that no client should be able to read. */
export function malformed(fault: FaultOf<'malformed'>, body: Buffer, reply: FastifyReply): Buffer {
  if (fault.as === 'html') reply.header('content-type', 'text/html;charset=UTF-8');
  if (fault.as === 'gzip-bomb') reply.header('content-encoding', 'gzip');
  return malformedBody(fault.as, body);
}

function malformedBody(as: FaultOf<'malformed'>['as'], body: Buffer): Buffer {
  switch (as) {
    case 'garbage':
      return Buffer.from('{"data":[{"id"\u0000: not json at all');
    case 'html':
      return Buffer.from('<html><head><title>Service</title></head><body><h1>It works!</h1></body></html>');
    case 'empty':
      return Buffer.alloc(0);
    case 'cut':
      return body.subarray(0, Math.floor(body.length / 2));
    case 'null':
      return Buffer.from('null');
    case 'array':
      return Buffer.from('[]');
    case 'deep':
      return Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    case 'proto':
      return Buffer.from('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"data":{}}');
    case 'huge-number':
      return Buffer.from('{"data":1e999,"temperature":[{"ts":1e999,"value":1e999}]}');
    case 'gzip-bomb':
      return gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
  }
}

/** Sets or removes members by JSON Pointer. What is not JSON, or not there, stays as it is. */
export function rewrite(fault: FaultOf<'rewrite'>, body: Buffer): Buffer {
  let document: unknown;
  try {
    document = JSON.parse(body.toString('utf8'));
  } catch {
    return body;
  }
  for (const change of fault.changes) {
    if (change.pointer === '') document = change.value;
    else applyChange(document, change.pointer, 'value' in change, change.value);
  }
  return Buffer.from(JSON.stringify(document) ?? '');
}

/** Gives members of some names another value, at any depth. What is not JSON stays as it is. */
export function garble({ members, value }: FaultOf<'garble'>, body: Buffer): Buffer {
  const names = new Set(members);
  try {
    const changed = JSON.parse(body.toString('utf8'), (name, was: unknown) => (names.has(name) ? value : was));
    return Buffer.from(JSON.stringify(changed));
  } catch {
    return body;
  }
}

function applyChange(document: unknown, pointer: string, sets: boolean, value: unknown): void {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop() ?? '';
  const parent = steps.reduce<unknown>((at, step) => (isContainer(at) ? at[step] : undefined), document);
  if (!isContainer(parent)) return;
  if (sets) Object.defineProperty(parent, last, { value, enumerable: true, configurable: true, writable: true });
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
}

const isContainer = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** So many bytes, then the connection is gone although more was announced. */
export async function* cutAfter(body: Buffer, bytes: number, cut: () => void): AsyncGenerator<Buffer> {
  yield body.subarray(0, bytes);
  // What was written must be on its way before the socket goes.
  await delay(20);
  cut();
  // The answer must not look finished.
  throw new Error('cut by a fault');
}

/** The body in portions, twenty a second. */
export async function* slowly(body: Buffer, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const portion = Math.max(1, Math.round(bytesPerSecond / 20));
  for (let at = 0; at < body.length; at += portion) {
    yield body.subarray(at, at + portion);
    await delay((portion / bytesPerSecond) * 1000, undefined, { ref: false });
  }
}
