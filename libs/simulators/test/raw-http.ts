import { once } from 'node:events';
import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  head: string;
  body: string;
}

/** Sends exactly these bytes, and reads until the other side hangs up: the request has to ask for that. */
export async function sendRaw(url: string, request: string): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(request);
  const answer = Buffer.concat((await socket.toArray()) as Buffer[]).toString('utf8');
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: dechunked(head, rest.join('\r\n\r\n')) };
}

function dechunked(head: string, body: string): string {
  if (!/^transfer-encoding: chunked$/im.test(head)) return body;
  let [rest, whole] = [body, ''];
  for (let size = chunkSize(rest); size > 0; size = chunkSize(rest)) {
    const start = rest.indexOf('\r\n') + 2;
    whole += rest.slice(start, start + size);
    rest = rest.slice(start + size + 2);
  }
  return whole;
}

const chunkSize = (text: string): number => Number.parseInt(text.split('\r\n', 1)[0] ?? '0', 16);
