import { pageOf, parkedDiscardDraft, parkedJobResource, parkedReplayDraft } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { listQuery } from '../http/query-types.ts';

const tag = 'Parked messages';
const jobParams = z.strictObject({ jobId: z.string().regex(/^pjb_[a-z2-7]{26}$/, 'expected an id such as pjb_…') });
const selection =
  'Takes on what is parked now; a message is in one job at a time. Messages of one device are settled in the order in which they were parked. A job goes on after every restart.';

export const replayParkedMessages = defineEndpoint({
  method: 'POST',
  path: '/v1/parked-messages:replay',
  scope: 'admin',
  name: 'replayParkedMessages',
  tag,
  summary: 'Put many messages through the intake again',
  description: `${selection} What does not fit again stays parked, with the new reason. With \`dryRun\` nothing is changed.`,
  body: parkedReplayDraft,
  bodyExample: { fingerprint: `fpr_${'f'.repeat(26)}` },
  idempotency: 'optional',
  answers: { 202: { description: 'The job, which says how far it is.', schema: parkedJobResource } },
});

export const discardParkedMessages = defineEndpoint({
  method: 'POST',
  path: '/v1/parked-messages:discard',
  scope: 'admin',
  name: 'discardParkedMessages',
  tag,
  summary: 'Give many messages up for good',
  description: `${selection} Their points are counted as discarded. Who did it, why and with how many is in the audit log.`,
  body: parkedDiscardDraft,
  bodyExample: { filter: 'reason eq "json" and platform eq "acme"', reason: 'a gateway that was taken out of service' },
  idempotency: 'optional',
  answers: { 202: { description: 'The job, which says how far it is.', schema: parkedJobResource } },
});

export const listParkedJobs = defineEndpoint({
  method: 'GET',
  path: '/v1/parked-messages/jobs',
  scope: 'read',
  name: 'listParkedJobs',
  tag,
  summary: 'Replays and discards of many messages, newest first',
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of jobs.', schema: pageOf(parkedJobResource) } },
});

export const getParkedJob = defineEndpoint({
  method: 'GET',
  path: '/v1/parked-messages/jobs/{jobId}',
  scope: 'read',
  name: 'getParkedJob',
  tag,
  summary: 'How far a job is',
  params: jobParams,
  answers: { 200: { description: 'The job.', schema: parkedJobResource } },
});

export const cancelParkedJob = defineEndpoint({
  method: 'POST',
  path: '/v1/parked-messages/jobs/{jobId}:cancel',
  scope: 'admin',
  name: 'cancelParkedJob',
  tag,
  summary: 'Leave the rest of a job as it is',
  params: jobParams,
  idempotency: 'optional',
  answers: { 200: { description: 'The job; what it has settled stays so.', schema: parkedJobResource } },
});
