import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parsed } from './auth-routes.ts';
import type { Task } from './command-queue.ts';
import type { Device } from './device.ts';
import type { MeasurementFile } from './device-files.ts';
import {
  converse,
  DEVICE_REQUESTS,
  DEVICE_REQUESTS_V6,
  type DeviceMessage,
  type DeviceRequest,
} from './device-link.ts';
import { readFileList } from './file-list-xml.ts';
import type { OpticloudState } from './state.ts';
import { badRequest, notAuthenticated } from './vendor-error.ts';

const statusQuery = z.object({
  F: z.enum([...DEVICE_REQUESTS, ...DEVICE_REQUESTS_V6]),
  ID: z.string().min(1),
  P: z.enum(['v4', 'v5', 'v6']),
  T: z.string().regex(/^\d{1,12}$/, 'Unix seconds are required'),
});

interface Part {
  name: string;
  bytes: Buffer;
}

const LARGEST_UPLOAD = 256 * 1024 * 1024;

/** How devices call in: one address, the word in `F`, at most one order in the answer. */
export function deviceProtocol(app: FastifyInstance, state: OpticloudState): void {
  app.addContentTypeParser('multipart/form-data', { parseAs: 'buffer', bodyLimit: LARGEST_UPLOAD }, (_r, body, done) =>
    done(null, body),
  );
  app.post(
    '/status.php',
    { config: { operation: 'OPTI-DEVICE' }, bodyLimit: LARGEST_UPLOAD },
    async (request, reply) => {
      const query = parsed(statusQuery, request.query);
      const device = state.deviceByToken(query.ID);
      if (!device) throw notAuthenticated();
      if (query.P !== 'v6' && (DEVICE_REQUESTS_V6 as readonly string[]).includes(query.F)) {
        throw badRequest(`${query.F} needs protocol v6`);
      }
      const message = await readMessage(device, query.F, request, state.clock.now());
      return answer(reply, converse(device, message, state.clock));
    },
  );
}

function answer(reply: FastifyReply, task: Task | undefined): FastifyReply {
  if (!task) return reply.code(204).send();
  const tag = task.fileTag ? `, File-Tag: ${task.fileTag}` : '';
  reply.header('content-description', `Message-ID: ${task.messageId}${tag}`);
  return reply.code(200).header('content-type', task.contentType).send(Buffer.from(task.body));
}

async function readMessage(
  device: Device,
  request: DeviceRequest,
  http: FastifyRequest,
  now: number,
): Promise<DeviceMessage> {
  const described = String(http.headers['content-description'] ?? '');
  const message: DeviceMessage = {
    request,
    messageId: /Message-ID:\s*([^,\s]+)/i.exec(described)?.[1],
    fileTag: /File-Tag:\s*([^,]+)/i.exec(described)?.[1]?.trim(),
  };
  const part = await dataPart(http);
  if (!part) return message;
  if (request === 'RETURN_LIST') return { ...message, listing: readFileList(part.bytes.toString('utf8')) };
  if (request === 'UPLOAD' || request === 'RETURN_FILE') {
    return { ...message, file: receivedFile(device, part, message.fileTag, now) };
  }
  return { ...message, text: part.bytes.toString('utf8') };
}

/** The one part of the form, named `data`. */
async function dataPart(request: FastifyRequest): Promise<Part | undefined> {
  if (!Buffer.isBuffer(request.body)) return undefined;
  try {
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    const form = await new Response(new Uint8Array(request.body), { headers }).formData();
    const data = form.get('data');
    if (data === null) throw badRequest("Required part 'data' is not present");
    if (typeof data === 'string') return { name: '', bytes: Buffer.from(data) };
    return { name: data.name, bytes: Buffer.from(await data.arrayBuffer()) };
  } catch (error) {
    throw error instanceof TypeError ? badRequest('multipart form is not well formed') : error;
  }
}

/** The time of a file that a device sends stands in its name; the file's end is when it arrived. */
function receivedFile(device: Device, { name, bytes }: Part, tag: string | undefined, now: number): MeasurementFile {
  const known = device.cloudFiles.get(name)?.file;
  const startMs = known?.startMs ?? timeInName(name) ?? now;
  return {
    name,
    tag: tag ?? known?.tag ?? 'preview',
    startMs,
    endMs: known?.endMs ?? Math.max(startMs, now),
    size: bytes.length,
    content: () => bytes,
  };
}

function timeInName(name: string): number | undefined {
  const match = /(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})/.exec(name);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isFinite(time) ? time : undefined;
}
