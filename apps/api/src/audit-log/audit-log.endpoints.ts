import { jsonObject, pageOf } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { listQuery } from '../http/query-types.ts';

export const auditEntryResource = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  actor: z
    .string()
    .describe('`key_…`, `oidc:` and the subject, or `create-key` and `bootstrap` for keys that no caller made.'),
  action: z.string().describe('What was done, such as connection.created.'),
  target: z.string().optional(),
  details: jsonObject,
  traceId: z.string().optional(),
});

export const listAuditLog = defineEndpoint({
  method: 'GET',
  path: '/v1/audit-log',
  scope: 'admin',
  name: 'listAuditLog',
  tag: 'Audit log',
  summary: 'Who changed what, newest first',
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of entries.', schema: pageOf(auditEntryResource) } },
});
