import { randomBytes } from 'node:crypto';
import { basename, extname } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ZipFile } from 'yazl';
import { z } from 'zod';
import { parsed } from './auth-routes.ts';
import type { Device } from './device.ts';
import { type MeasurementFile, statusOf } from './device-files.ts';
import { acceptsXml, fileListXml } from './file-list-xml.ts';
import { pageOf, wholeNumber } from './paging.ts';
import type { OpticloudState } from './state.ts';
import { badRequest, forbidden, notFound } from './vendor-error.ts';

const windowQuery = z.object({
  startTime: wholeNumber,
  endTime: wholeNumber,
  page: wholeNumber.default(0),
  limit: wholeNumber.default(100),
});
const fileNames = z.array(z.string().min(1)).min(1);

interface Download {
  device: Device;
  files: MeasurementFile[];
  expiresAt: number;
}

export function fileRoutes(app: FastifyInstance, state: OpticloudState): void {
  app.get<{ Params: { deviceId: string } }>(
    '/api/devices/:deviceId/data-files/original',
    { config: { operation: 'OPTI-05' } },
    (request) => {
      const query = parsed(windowQuery, request.query);
      const device = state.deviceFor(request.caller, request.params.deviceId);
      const entries = device.cloudFiles.list(query.startTime, query.endTime).filter((entry) => entry.onServer);
      const page = pageOf(entries, query);
      return { ...page, data: page.data.map(({ file }) => fileRecord(file)) };
    },
  );
  completeListRoute(app, state);
  downloadRoutes(app, state);
}

const fileRecord = ({ name, startMs, endMs, size, tag }: MeasurementFile) => ({
  name,
  startTime: startMs,
  endTime: endMs,
  size,
  tag,
});

/** Quirk: upper-case path, device token instead of device id, seconds instead of milliseconds, XML instead of JSON. */
function completeListRoute(app: FastifyInstance, state: OpticloudState): void {
  app.get<{ Params: { credentialsId: string; start: string; end: string } }>(
    '/API/filelist/list/deviceid/:credentialsId/StartTime/:start/:end',
    { config: { operation: 'OPTI-07', secretParams: ['credentialsId'] } },
    (request, reply) => {
      if (!acceptsXml(request.headers.accept)) return reply.code(406).send();
      const { credentialsId, start, end } = request.params;
      if (![start, end].every((text) => /^-?\d{1,15}$/.test(text))) throw badRequest('StartTime must be in seconds');
      const device = state.deviceByToken(credentialsId);
      if (device && device.tenant.id !== request.caller.authority.tenant?.id) throw forbidden();
      const entries = device?.cloudFiles.list(Number(start) * 1000, Number(end) * 1000) ?? [];
      const rows = entries.map((entry) => ({ file: entry.file, status: statusOf(entry) }));
      return reply.type('application/xml;charset=UTF-8').send(fileListXml(rows));
    },
  );
}

function downloadRoutes(app: FastifyInstance, state: OpticloudState): void {
  const downloads = new Map<string, Download>();
  app.post<{ Params: { deviceId: string } }>(
    '/api/device/:deviceId/data-files/CLIENT_SCOPE/download',
    { config: { operation: 'OPTI-09' } },
    (request, reply) => {
      const device = state.deviceFor(request.caller, request.params.deviceId);
      const files = parsed(fileNames, request.body).map((name) => serverFile(device, name));
      const now = state.clock.now();
      for (const [token, { expiresAt }] of downloads) if (expiresAt <= now) downloads.delete(token);
      const token = randomBytes(24).toString('base64url');
      downloads.set(token, { device, files, expiresAt: now + state.options.downloadTokenLifeMs });
      // Quirk: the body is the bare token, neither JSON nor quoted.
      return reply.type('text/plain;charset=UTF-8').send(token);
    },
  );
  app.get<{ Params: { deviceId: string; token: string } }>(
    '/api/device/:deviceId/data-files/CLIENT_SCOPE/token/:token',
    { config: { operation: 'OPTI-10', secretParams: ['token'] } },
    (request, reply) => {
      const device = state.deviceFor(request.caller, request.params.deviceId);
      const download = downloads.get(request.params.token);
      if (download?.device !== device || download.expiresAt <= state.clock.now()) throw notFound('Download token');
      return sendFiles(reply, download.files, state.options.zipSingleFile);
    },
  );
}

function serverFile(device: Device, name: string): MeasurementFile {
  const entry = device.cloudFiles.get(name);
  if (!entry?.onServer) throw notFound(`File ${name}`);
  return entry.file;
}

function sendFiles(reply: FastifyReply, files: readonly MeasurementFile[], zipSingleFile: boolean): FastifyReply {
  const [only, ...others] = files;
  if (only && others.length === 0 && !zipSingleFile) {
    const content = only.content();
    return reply.type('application/octet-stream').header('content-disposition', disposition(only.name)).send(content);
  }
  reply.type('application/zip').header('content-disposition', disposition('files.zip'));
  return reply.send(zipOf(files));
}

const disposition = (name: string): string => `attachment; filename*=UTF-8''${encodeURIComponent(basename(name))}`;

/** Base names only; where two files share one, the later gets a number. */
function zipOf(files: readonly MeasurementFile[]): Readable {
  const zip = new ZipFile();
  const taken = new Set<string>();
  for (const file of files) {
    const name = freeName(basename(file.name), taken);
    taken.add(name);
    zip.addReadStream(Readable.from(lazily(file)), name, { mtime: new Date(file.endMs), compress: false });
  }
  zip.end();
  return Readable.from(zip.outputStream);
}

/** One file at a time in memory, however many are asked for. */
function* lazily(file: MeasurementFile): Generator<Buffer> {
  yield file.content();
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  const extension = extname(name);
  let free = name;
  for (let n = 1; taken.has(free); n++) free = `${name.slice(0, name.length - extension.length)}_${n}${extension}`;
  return free;
}
