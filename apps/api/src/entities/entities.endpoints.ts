import { entityDraft, entityResource, entityTypeResource, relationDraft, staleMembers } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { connectionParams } from '../http/path-params.ts';
import { cursor, filterText, limit, plainText, sortText } from '../http/query-types.ts';

const tag = 'Entities';
const typeParams = connectionParams.extend({ type: plainText(200).describe('Name of the type, percent-encoded.') });
const entityParams = typeParams.extend({ nativeId: plainText(512).describe('Native id, percent-encoded.') });
const relationParams = entityParams.extend({
  relation: plainText(200).describe('Name of the relation, percent-encoded.'),
});
const types = '/v1/connections/{connectionId}/entity-types' as const;
const all = '/v1/connections/{connectionId}/entities/{type}' as const;
const one = `${all}/{nativeId}` as const;
const relation = `${one}/relations/{relation}` as const;
const draftExample = { attributes: { name: 'Boiler room', floor: -1 } };

export const listEntityTypes = defineEndpoint({
  method: 'GET',
  path: types,
  scope: 'read',
  name: 'listEntityTypes',
  tag,
  summary: 'Types of records that the platform keeps, with their schemas',
  params: connectionParams,
  stale: true,
  answers: {
    200: {
      description: 'All types.',
      schema: z.object({ items: z.array(entityTypeResource), page: z.object({}), ...staleMembers }),
    },
  },
});

export const listEntities = defineEndpoint({
  method: 'GET',
  path: all,
  scope: 'read',
  name: 'listEntities',
  tag,
  summary: 'Records of one type, asked of the platform',
  description:
    'Fields of `filter` and `sort` are `nativeId`, `name` and `attributes.<name>`. What the platform cannot evaluate of the filter is evaluated here, page by page: such a page may hold fewer items than `limit`, even none, while `nextCursor` says that there are more.',
  params: typeParams,
  query: z.strictObject({ limit, cursor, filter: filterText, sort: sortText }),
  stale: true,
  answers: {
    200: {
      description: 'A page of records.',
      schema: z.object({
        items: z.array(entityResource),
        page: z.object({ nextCursor: z.string().optional() }),
        filter: z
          .object({
            pushed: z.string().optional().describe('The part that the platform has evaluated.'),
            evaluatedHere: z.string().optional().describe('The part that was left to this API.'),
          })
          .optional()
          .describe('Only where a filter was asked for.'),
        ...staleMembers,
      }),
    },
  },
});

export const getEntity = defineEndpoint({
  method: 'GET',
  path: one,
  scope: 'read',
  name: 'getEntity',
  tag,
  summary: 'One record, asked of the platform',
  params: entityParams,
  conditional: true,
  stale: true,
  answers: { 200: { description: 'The record.', schema: entityResource } },
});

export const createEntity = defineEndpoint({
  method: 'POST',
  path: all,
  scope: 'write',
  name: 'createEntity',
  tag,
  summary: 'Make a record on the platform',
  params: typeParams,
  body: entityDraft,
  bodyExample: draftExample,
  idempotency: 'optional',
  answers: { 201: { description: 'The record as the platform has it.', schema: entityResource } },
});

export const updateEntity = defineEndpoint({
  method: 'PATCH',
  path: one,
  scope: 'write',
  name: 'updateEntity',
  tag,
  summary: 'Change attributes of a record on the platform',
  description: 'A merge patch (RFC 7396) of `attributes`: `null` removes one.',
  params: entityParams,
  body: entityDraft,
  bodyExample: draftExample,
  bodyTypes: ['application/merge-patch+json'],
  ifMatch: true,
  answers: { 200: { description: 'The record as it is now.', schema: entityResource } },
});

export const deleteEntity = defineEndpoint({
  method: 'DELETE',
  path: one,
  scope: 'write',
  name: 'deleteEntity',
  tag,
  summary: 'Remove a record from the platform',
  params: entityParams,
  ifMatch: true,
  answers: { 204: { description: 'It is gone.' } },
});

export const listRelated = defineEndpoint({
  method: 'GET',
  path: relation,
  scope: 'read',
  name: 'listRelatedEntities',
  tag,
  summary: 'Records that a relation of a record leads to, asked of the platform',
  description: 'Which relations there are stands in the entity type, where the platform names them.',
  params: relationParams,
  query: z.strictObject({ limit, cursor }),
  stale: true,
  answers: {
    200: {
      description: 'A page of records.',
      schema: z.object({
        items: z.array(entityResource),
        page: z.object({ nextCursor: z.string().optional() }),
        ...staleMembers,
      }),
    },
  },
});

export const relateEntity = defineEndpoint({
  method: 'POST',
  path: relation,
  scope: 'write',
  name: 'relateEntity',
  tag,
  summary: 'Add relations from a record to others',
  description: 'Relations that are there already stay. The event `entity.updated` tells of it.',
  params: relationParams,
  body: relationDraft,
  bodyExample: { targets: ['64f1c0ffee0ddba11ca5cade'] },
  idempotency: 'optional',
  answers: { 204: { description: 'The relations are there.' } },
});
