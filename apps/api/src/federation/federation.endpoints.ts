import { entityAnswer, entityQuestion } from '@tributary/contracts';
import { defineEndpoint } from '../http/endpoint-spec.ts';

export const queryEntities = defineEndpoint({
  method: 'POST',
  path: '/v1/entities:query',
  scope: 'read',
  name: 'queryEntities',
  cost: 10,
  tag: 'Entities',
  summary: 'Records of several connections, asked of their platforms with one question',
  description: [
    'What is asked is either named pair by pair (`sources`), or is every connection that has one of the `types`. All are asked at the same time; each evaluates what it can of the filter, the rest is evaluated here, and `meta.sources` says for each how it fared and what it has cost.',
    'A source that does not answer makes the answer partial: `meta.complete` is false, and the cursor goes on with that source once it is back. Where none answers, or with `require` = `all` where one does not, the answer is a problem that names them. Asked with the same cursor, a page is read anew.',
    'With `sort`, the records of all sources come in one order: what is absent first, then numbers, text by code points, false and true. A platform that cannot sort is named in a 422. A source that fails on the way is left out of the rest of that order.',
    'A page may hold fewer items than `limit`, even none, while `nextCursor` says that there are more.',
  ].join('\n\n'),
  body: entityQuestion,
  bodyExample: { types: ['device'], filter: 'name co "boiler"', sort: 'name', limit: 100 },
  answers: {
    200: { description: 'A page of records, and how each source fared.', schema: entityAnswer },
    404: { description: 'There is no such connection, or none has such a type; `errors` says which.' },
    422: { description: 'A platform cannot answer this, or there are too many sources.' },
  },
});
