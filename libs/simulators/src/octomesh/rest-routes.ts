import type { FastifyInstance } from 'fastify';
import { seededUuid } from '../kit/seeded.ts';
import { CkError } from './ck-model.ts';
import { ckLibrary } from './construction-kit.ts';
import { ByteLimitError, filePart } from './multipart.ts';
import type { OctomeshState } from './state.ts';
import type { StoredFile, Tenant } from './tenant.ts';
import { forbiddenByHttp, restRefusal } from './vendor-error.ts';

const TENANT = '/api/tenants/:tenantId';
/** Room for what stands around a file in a multipart body. */
const ENVELOPE_BYTES = 64 * 1024;
const FILE = 21;

/** Needs no token. */
export function healthRoute(app: FastifyInstance, state: OctomeshState): void {
  app.get('/health', { config: { operation: 'OCTO-22' } }, (_request, reply) =>
    reply.code(state.healthy ? 200 : 503).send({ status: state.healthy ? 'Healthy' : 'Unhealthy' }),
  );
}

/** `app` is behind the token check. */
export function restRoutes(app: FastifyInstance, state: OctomeshState): void {
  app.get(TENANT, { config: { operation: 'OCTO-20' } }, ({ access: { tenant } }) => ({
    tenantId: tenant.id,
    database: tenant.id.replaceAll('-', '_'),
  }));
  app.get(`${TENANT}/construction-kits`, { config: { operation: 'OCTO-23' } }, ({ access }) =>
    access.tenant.libraries(),
  );
  app.post(`${TENANT}/construction-kits`, { config: { operation: 'OCTO-24' } }, (request, reply) => {
    const { tenant, mayWrite } = request.access;
    if (!mayWrite) throw forbiddenByHttp(state.options.forbiddenEnvelope);
    const { libraryId, version } = installLibrary(tenant, request.body);
    return reply.code(201).send({ libraryId, version });
  });
  app.register(async (files) => fileRoute(files, state));
}

/** Throws 400 for what is no library, 409 for one that is there in this version. */
function installLibrary(tenant: Tenant, body: unknown): { libraryId: string; version: string } {
  const given = ckLibrary.safeParse(body);
  if (!given.success) {
    const details = given.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw restRefusal(400, 'The construction kit is not valid', details);
  }
  const { libraryId, version } = given.data;
  if (tenant.library(libraryId)?.version === version) {
    throw restRefusal(409, `${libraryId} is there in version ${version}`);
  }
  try {
    tenant.install(given.data);
  } catch (error) {
    if (error instanceof CkError) throw restRefusal(400, 'The construction kit does not fit', [error.message]);
    throw error;
  }
  return { libraryId, version };
}

function fileRoute(app: FastifyInstance, state: OctomeshState): void {
  const { maxFileBytes, seed } = state.options;
  app.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer', bodyLimit: maxFileBytes + ENVELOPE_BYTES },
    (_request, body, done) => done(null, body),
  );
  const options = { config: { operation: 'OCTO-21' }, bodyLimit: maxFileBytes + ENVELOPE_BYTES };
  app.post(`${TENANT}/files`, options, async (request, reply) => {
    const { tenant, mayWrite, session } = request.access;
    if (!mayWrite) throw forbiddenByHttp(state.options.forbiddenEnvelope);
    state.takeFromLimit('uploads', session.clientId);
    const contentType = request.headers['content-type'] ?? '';
    if (!contentType.toLowerCase().startsWith('multipart/form-data')) {
      throw restRefusal(415, 'multipart/form-data is expected');
    }
    const part = await readPart(request.body, contentType, maxFileBytes);
    const file: StoredFile = { id: seededUuid(seed, FILE, tenant.files.length), ...part };
    tenant.files.push(file);
    return reply.code(201).send(file);
  });
}

async function readPart(body: unknown, contentType: string, maxBytes: number): Promise<Omit<StoredFile, 'id'>> {
  try {
    const part = Buffer.isBuffer(body) ? await filePart(body, contentType, maxBytes) : undefined;
    if (!part) throw restRefusal(400, 'There is no part called file');
    return part;
  } catch (error) {
    throw error instanceof ByteLimitError ? restRefusal(413, error.message) : error;
  }
}
