import { backfillDraft, backfillEstimate, backfillPart, backfillResource, pageOf } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { backfillParams } from '../http/path-params.ts';
import { listQuery } from '../http/query-types.ts';

const tag = 'Backfills';

const example = {
  connectionId: 'con_abcdefghijklmnopqrstuvwxyz',
  from: '2026-01-01T00:00:00Z',
  to: '2026-02-01T00:00:00Z',
};

const refusals = {
  404: { description: 'There is no such connection.' },
  422: { description: 'The platform keeps no history (`capability-unsupported`), or it is too much at once.' },
};

export const estimateBackfill = defineEndpoint({
  method: 'POST',
  path: '/v1/backfills:estimate',
  scope: 'write',
  cost: 5,
  name: 'estimateBackfill',
  tag,
  summary: 'What reading a range again would take',
  description:
    'Nothing is begun, and the platform is not asked. Only what coverage says is not complete is counted, unless `onlyGaps` is false.',
  body: backfillDraft,
  bodyExample: example,
  idempotency: 'optional',
  answers: {
    200: { description: 'Calls, time, gaps, and what cannot be had.', schema: backfillEstimate },
    ...refusals,
  },
});

export const createBackfill = defineEndpoint({
  method: 'POST',
  path: '/v1/backfills',
  scope: 'write',
  cost: 5,
  name: 'createBackfill',
  tag,
  summary: 'Read a range of history again',
  description:
    'It is accepted, not carried out: follow it at its Location, or by its events. Its calls take what the platform’s budget leaves; its points carry `origin: backfill`; `backfill.completed` stands behind the last of them.',
  body: backfillDraft,
  bodyExample: example,
  idempotency: 'required',
  answers: { 202: { description: 'The backfill is accepted.', schema: backfillResource }, ...refusals },
});

export const listBackfills = defineEndpoint({
  method: 'GET',
  path: '/v1/backfills',
  scope: 'read',
  name: 'listBackfills',
  tag,
  summary: 'Backfills and repairs, newest first',
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of backfills.', schema: pageOf(backfillResource) } },
});

export const getBackfill = defineEndpoint({
  method: 'GET',
  path: '/v1/backfills/{backfillId}',
  scope: 'read',
  name: 'getBackfill',
  tag,
  summary: 'One backfill, and how far it is',
  params: backfillParams,
  answers: { 200: { description: 'The backfill.', schema: backfillResource } },
});

export const listBackfillParts = defineEndpoint({
  method: 'GET',
  path: '/v1/backfills/{backfillId}/parts',
  scope: 'read',
  name: 'listBackfillParts',
  tag,
  summary: 'What a backfill is made of',
  params: backfillParams,
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of parts.', schema: pageOf(backfillPart) } },
});

export const cancelBackfill = defineEndpoint({
  method: 'POST',
  path: '/v1/backfills/{backfillId}:cancel',
  scope: 'write',
  name: 'cancelBackfill',
  tag,
  summary: 'End a backfill early',
  description: 'What was brought stays. What is under way ends with its page. 409 for one that has ended.',
  params: backfillParams,
  idempotency: 'optional',
  answers: { 200: { description: 'The backfill is cancelled.', schema: backfillResource } },
});
