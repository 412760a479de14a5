import { fileResource, pageOf, uploadedFile } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { connectionParams, deviceParams, fileParams } from '../http/path-params.ts';
import { fields, instantText, listQuery, plainText, yesOrNo } from '../http/query-types.ts';

const tag = 'Files';
const bytes = { description: 'The bytes as the platform has them.', mediaTypes: ['*/*'] };

export const listFiles = defineEndpoint({
  method: 'GET',
  path: '/v1/files',
  scope: 'read',
  name: 'listFiles',
  tag,
  summary: 'Files of all devices, as they were last listed',
  query: z.strictObject({ ...listQuery, fields }),
  answers: { 200: { description: 'A page of files.', schema: pageOf(fileResource) } },
});

export const listDeviceFiles = defineEndpoint({
  method: 'GET',
  path: '/v1/devices/{deviceId}/files',
  scope: 'read',
  name: 'listDeviceFiles',
  tag,
  summary: 'Files of one device',
  description:
    'With `live=true` the platform is asked; then `from` and `to` (default: the last 30 days) and `limit` count, and no filter.',
  params: deviceParams,
  query: z
    .strictObject({
      ...listQuery,
      fields,
      live: yesOrNo().default(false),
      from: instantText().optional(),
      to: instantText().optional(),
    })
    .superRefine((query, context) => {
      if (query.live) {
        for (const name of ['filter', 'sort', 'cursor', 'count'] as const) {
          if (query[name] !== undefined)
            context.addIssue({ code: 'custom', path: [name], message: 'cannot be used with live=true' });
        }
      } else {
        for (const name of ['from', 'to'] as const) {
          if (query[name] !== undefined)
            context.addIssue({ code: 'custom', path: [name], message: 'needs live=true; use filter otherwise' });
        }
      }
    }),
  answers: { 200: { description: 'A page of files.', schema: pageOf(fileResource).extend({ live: z.boolean() }) } },
});

export const getFile = defineEndpoint({
  method: 'GET',
  path: '/v1/files/{fileId}',
  scope: 'read',
  name: 'getFile',
  tag,
  summary: 'What is known of a file',
  params: fileParams,
  conditional: true,
  answers: { 200: { description: 'The file.', schema: fileResource } },
});

export const getFileContent = defineEndpoint({
  method: 'GET',
  path: '/v1/files/{fileId}/content',
  scope: 'read',
  name: 'getFileContent',
  cost: 5,
  tag,
  summary: 'The bytes of a file',
  params: fileParams,
  answers: { 200: bytes },
});

export const downloadFiles = defineEndpoint({
  method: 'POST',
  path: '/v1/devices/{deviceId}/files:download',
  scope: 'read',
  name: 'downloadFiles',
  cost: 5,
  tag,
  summary: 'Several files of a device as one ZIP; a single one as the platform has it',
  params: deviceParams,
  body: z.strictObject({ names: z.array(plainText(1_000)).min(1).max(100).describe('Names as the list gives them.') }),
  bodyExample: { names: ['2026-03-29.osf', '2026-03-30.osf'] },
  answers: { 200: { description: 'The bytes.', mediaTypes: ['application/zip', '*/*'] } },
});

export const uploadFile = defineEndpoint({
  method: 'POST',
  path: '/v1/connections/{connectionId}/files',
  scope: 'write',
  name: 'uploadFile',
  cost: 5,
  tag,
  summary: 'Send a file to the platform',
  description:
    'The body is the file itself, of any media type, with its `name` in the query; or a form (multipart/form-data) whose only part is a file named `file`, whose own name counts unless the query has one. It is passed on while it arrives. There is no Idempotency-Key here: after a failure look whether the platform has the file.',
  params: connectionParams,
  query: z.strictObject({ name: plainText(255).optional() }),
  bodyStream: true,
  answers: { 201: { description: 'The file as the platform has it.', schema: uploadedFile } },
});
