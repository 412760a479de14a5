import { Controller, Inject } from '@nestjs/common';
import type { Json } from '@tributary/contracts';
import type { z } from 'zod';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { RequestUrl } from '../http/request-parts.ts';
import type { ListDefinition } from '../lists/list-query.ts';
import { pageAnswer, readList } from '../lists/read-list.ts';
import { type auditEntryResource, listAuditLog } from './audit-log.endpoints.ts';

type AuditEntryResource = z.output<typeof auditEntryResource>;

interface AuditRow extends Record<string, unknown> {
  id: string;
  at: Date;
  actor: string;
  action: string;
  target: string | null;
  details: { [key: string]: Json };
  trace_id: string | null;
}

const auditList: ListDefinition = {
  name: 'audit-log',
  select: 'a.id::text as id, a.at, a.actor, a.action, a.target, a.details, a.trace_id',
  from: 'audit_log a',
  filter: {
    actor: { type: 'id', sql: 'a.actor' },
    action: { type: 'id', sql: 'a.action' },
    target: { type: 'id', sql: 'a.target' },
    traceId: { type: 'id', sql: 'a.trace_id' },
    at: { type: 'instant', sql: 'a.at' },
  },
  sort: { at: { sql: 'a.at', type: 'timestamptz' } },
  key: { sql: 'a.id', type: 'bigint', descending: true },
};

const presentEntry = (row: AuditRow): AuditEntryResource => ({
  id: row.id,
  at: row.at.toISOString(),
  actor: row.actor,
  action: row.action,
  ...(row.target === null ? {} : { target: row.target }),
  details: row.details,
  ...(row.trace_id === null ? {} : { traceId: row.trace_id }),
});

@Controller()
export class AuditLogController {
  constructor(@Inject(HOUSE) private readonly house: House) {}

  @Endpoint(listAuditLog)
  async list(
    @Input() { query }: InputOf<typeof listAuditLog>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ) {
    const page = await readList<AuditRow, AuditEntryResource>(this.house.db, {
      definition: auditList,
      request: query,
      conditions: (parameters) => [`a.workspace_id = ${parameters.add(caller.workspace, 'text')}`],
      present: presentEntry,
    });
    return pageAnswer(page, url);
  }
}
