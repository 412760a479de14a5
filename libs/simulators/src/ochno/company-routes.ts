import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parsed, requireWrite } from './auth-routes.ts';
import type { Company } from './records.ts';
import type { OchnoState } from './state.ts';
import { forbidden } from './vendor-error.ts';

type ById = { Params: { id: string } };

const companyBody = z.object({
  name: z.string().min(1),
  type: z.string().min(1),
  logotype: z.string().optional(),
  website: z.string().optional(),
});

/** What a company that never had them has after it was replaced, as the vendor's example shows. */
const SERVER_DEFAULTS = { logotype: 'https://example.com/logotype.png', website: 'https://example.com/' };

/** `iotHost` is where the broker is, port and all. */
export function companyRoutes(app: FastifyInstance, state: OchnoState, iotHost: string): void {
  app.get('/api/companies', { config: { operation: 'OCHNO-03' } }, ({ ochnoUser }) =>
    [...state.companies.values()].filter(({ id }) => ochnoUser.companies.has(id)),
  );
  app.get<ById>('/api/companies/:id', { config: { operation: 'OCHNO-03' } }, ({ ochnoUser, params }) =>
    state.companyFor(ochnoUser, params.id),
  );
  app.put<ById>('/api/companies/:id', { config: { operation: 'OCHNO-04' } }, (request) => {
    const known = state.companyFor(request.ochnoUser, request.params.id);
    requireWrite(request);
    const { name, type, logotype, website } = parsed(companyBody, request.body);
    // Quirk: "replaces the entire content", yet the example gets members back that it did not send.
    const company: Company = {
      id: known.id,
      name,
      type,
      logotype: logotype ?? known.logotype ?? SERVER_DEFAULTS.logotype,
      website: website ?? known.website ?? SERVER_DEFAULTS.website,
    };
    state.companies.set(company.id, company);
    return company;
  });
  app.get<ById>('/api/companies/:id/iotAccess', { config: { operation: 'OCHNO-05' } }, ({ ochnoUser, params }) => {
    const { id } = state.companyFor(ochnoUser, params.id);
    if (!ochnoUser.streams.has(id)) throw forbidden();
    const { accessKeyId, secretKey, sessionToken, expiresAt, region } = state.iot.issue(id, ochnoUser.email);
    const expiration = new Date(expiresAt).toISOString();
    const extra = state.options.extendedIotAccess ? { protocol: 'wss', clientId: `ochno-${randomUUID()}` } : {};
    return { accessKeyId, secretKey, sessionToken, expiration, region, host: iotHost, ...extra };
  });
}
