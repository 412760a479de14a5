import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { connectionParams } from '../http/path-params.ts';
import { plainText } from '../http/query-types.ts';

const tag = 'Connections';
const base = '/v1/connections/{connectionId}/oauth' as const;

export const authorize = defineEndpoint({
  method: 'GET',
  path: `${base}/authorize`,
  scope: 'write',
  name: 'beginLogin',
  tag,
  summary: "Begin a user's own log-in at the platform",
  description: [
    'Send the browser of whoever shall log in to `url`. The platform sends it back to `…/oauth/callback`, which must be allowed there as a redirect URI; the log-in then replaces the credentials of the connection. It is good once and until `expiresAt`.',
    'Whoever prefers `text/html` to `application/json` is redirected there with 302; everybody else gets the address as JSON.',
  ].join('\n\n'),
  params: connectionParams,
  answers: {
    200: {
      description: 'Where to send the browser.',
      schema: z.object({ url: z.url(), expiresAt: z.iso.datetime() }),
    },
    302: { description: 'The same as a redirect, for a browser.' },
    406: { description: 'Neither JSON nor a redirect is acceptable.' },
  },
});

/** Providers add members of their own, which are not looked at. */
const answerOfProvider = z
  .object({
    state: z.string().min(1).max(200).describe('What the log-in was begun with: the proof that this is its end.'),
    code: plainText(8_000).optional(),
    error: z.string().min(1).max(200).optional().describe('Why the platform did not grant it.'),
  })
  .superRefine(({ code, error }, context) => {
    if (code === undefined && error === undefined)
      context.addIssue({ code: 'custom', path: ['code'], message: 'is required where there is no error' });
  });

export const callback = defineEndpoint({
  method: 'GET',
  path: `${base}/callback`,
  scope: 'public',
  name: 'endLogin',
  tag,
  summary: "End a user's own log-in: the platform sends the browser here",
  description:
    'Takes what the platform adds to it and answers a page, or JSON where that is preferred. No key is needed: `state` is the proof.',
  params: connectionParams,
  query: answerOfProvider,
  pages: true,
  answers: {
    200: {
      description: 'The connection uses the new credentials.',
      schema: z.object({ connectionId: connectionParams.shape.connectionId, detail: z.string() }),
      mediaTypes: ['text/html'],
    },
    422: { description: 'The platform has not granted it.' },
    429: { description: 'Too many guesses from this address.' },
  },
});
