import type { Readable } from 'node:stream';
import { Controller, Inject, Req } from '@nestjs/common';
import type { UploadedFile } from '@tributary/contracts';
import type { FastifyRequest } from 'fastify';
import { writeAudit } from '../audit-log/audit-trail.ts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { targetOf } from '../connections/connection-rows.ts';
import { ConnectionStore } from '../connections/connection-store.ts';
import type { Asking } from '../connections/connections.service.ts';
import { PlatformGateway, type Target } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';
import { Gone } from '../http/abort.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { atPlatform } from '../http/problem-document.ts';
import { badRequest } from '../http/problem-error.ts';
import { TraceId } from '../http/request-parts.ts';
import { PlatformCatalogue } from '../platforms/platform-catalogue.ts';
import { arrivingBytes, tooLarge } from './arriving-bytes.ts';
import { uploadFile } from './files.endpoints.ts';
import { formFile } from './form-file.ts';
import { type FileToSend, sendFile } from './send-file.ts';

const MEDIA_TYPE = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(?:;[\x20-\x7e]{0,50})?$/;

/** Files for platforms: passed on to the adapter while they arrive. */
@Controller()
export class UploadsController {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(ConnectionStore) private readonly connections: ConnectionStore,
    @Inject(PlatformCatalogue) private readonly catalogue: PlatformCatalogue,
    @Inject(PlatformGateway) private readonly gateway: PlatformGateway,
  ) {}

  @Endpoint(uploadFile)
  async upload(
    @Input() { params, query }: InputOf<typeof uploadFile>,
    @Caller() caller: CallerIdentity,
    @TraceId() traceId: string,
    @Gone() signal: AbortSignal,
    @Req() request: FastifyRequest,
  ): Promise<UploadedFile> {
    const target = targetOf(await this.connections.get(caller.workspace, params.connectionId));
    await this.catalogue.demand(target, 'files.upload');
    return this.#send(caller, target, await this.#offered(request, query.name), { traceId, signal });
  }

  /** Name, kind and bytes, of whichever form the request is; throws before anything is asked of the platform. */
  async #offered(request: FastifyRequest, name: string | undefined): Promise<FileToSend> {
    const { clock, settings } = this.house;
    if (request.headers['idempotency-key'] !== undefined) {
      const detail = 'cannot be honoured here: a file is passed on while it arrives, and not compared';
      throw badRequest([{ pointer: '/header/idempotency-key', detail }]);
    }
    if (!request.body) throw badRequest([{ pointer: '/body', detail: 'A body is required.' }]);
    const sizeBytes = Number(request.headers['content-length'] ?? Number.NaN);
    if (sizeBytes > settings.uploadLimit) throw tooLarge(settings.uploadLimit);
    const bytes = arrivingBytes(request.body as Readable, { limit: settings.uploadLimit, clock });
    const mediaType = request.bodyType ?? 'application/octet-stream';
    const file = /^multipart\/form-data\b/i.test(mediaType)
      ? await formFile(bytes, mediaType)
      : { mediaType, bytes, ...(Number.isNaN(sizeBytes) ? {} : { sizeBytes }) };
    return { ...file, name: name ?? file.name };
  }

  async #send(caller: CallerIdentity, target: Target, file: FileToSend, asking: Asking): Promise<UploadedFile> {
    const { connectionId } = target;
    const about = described(file);
    // Before the first byte goes: what may have happened must stand in the log.
    const entry = { action: 'file.uploaded', target: connectionId, details: about, traceId: asking.traceId };
    await writeAudit(this.house.audit, caller, entry);
    const { url } = await this.gateway.ask(target, 'files.receive', { connectionId, ...about }, asking);
    try {
      return await sendFile(url, file, asking.signal);
    } catch (error) {
      throw atPlatform(error, target);
    }
  }
}

/** What is told of a file before its bytes. Throws 400 where it has no name or no kind that a header could hold. */
function described({ name, mediaType, sizeBytes }: FileToSend) {
  if (!name || name.length > 255) {
    const detail = 'is required, up to 255 characters, where the form does not name the file';
    throw badRequest([{ pointer: '/query/name', detail }]);
  }
  if (!MEDIA_TYPE.test(mediaType)) {
    throw badRequest([{ pointer: '/header/content-type', detail: 'is no media type' }]);
  }
  return { name, mediaType, ...(sizeBytes === undefined ? {} : { sizeBytes }) };
}
