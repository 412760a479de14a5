import { GraphQLError } from 'graphql';

export type ErrorCode =
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'ENTITY_NOT_FOUND'
  | 'VALIDATION_ERROR'
  | 'CK_TYPE_NOT_FOUND'
  | 'ASSOCIATION_ERROR';

type Details = Record<string, unknown>;

/** A refusal inside a GraphQL answer; where it happened is added by the execution. */
export const refusal = (code: ErrorCode, message: string, details: Details): GraphQLError =>
  new GraphQLError(message, { extensions: { code, details } });

export const entityNotFound = (details: Details) => refusal('ENTITY_NOT_FOUND', 'Entity not found', details);
export const validationError = (message: string, details: Details) => refusal('VALIDATION_ERROR', message, details);
export const associationError = (message: string, details: Details) => refusal('ASSOCIATION_ERROR', message, details);
export const forbidden = () => refusal('FORBIDDEN', 'The token does not allow writing', { requiredScope: 'octo_api' });

/** The form of the documented answer: no data at all beside errors. */
export const envelope = (errors: readonly object[]): string => JSON.stringify({ data: null, errors });

/** A refusal by HTTP status, in front of GraphQL or of the REST routes. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';

  constructor(
    readonly status: number,
    readonly body: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(`refused with ${status}`);
  }
}

export const unauthorized = () =>
  new HttpRefusal(
    401,
    envelope([{ message: 'The access token is missing or invalid', extensions: { code: 'UNAUTHORIZED' } }]),
    { 'www-authenticate': 'Bearer' },
  );

export const forbiddenByHttp = (withEnvelope: boolean) =>
  new HttpRefusal(
    403,
    withEnvelope ? envelope([{ message: 'Insufficient permissions', extensions: { code: 'FORBIDDEN' } }]) : '',
  );

export const unknownTenant = () => new HttpRefusal(404, '');
export const tooManyRequests = () => new HttpRefusal(429, '', { 'retry-after': '60' });

/** A document that is no GraphQL, or does not fit the schema: no `data` member. */
export const badDocument = (errors: readonly object[]) => new HttpRefusal(400, JSON.stringify({ errors }));

/** The administrative REST interface's own form. */
export const restRefusal = (status: number, message: string, details: string[] = []) =>
  new HttpRefusal(status, restError(status, message, details));

export const restError = (statusCode: number, message: string, details: string[] = []): string =>
  JSON.stringify({ statusCode, message, ...(details.length > 0 ? { details } : {}) });
