import { AuthenticationError, isPlatformError, MalformedResponseError } from '@tributary/contracts';
import * as oauth from 'oauth4webapi';

const WORDS: Record<string, string> = {
  invalid_client: 'OctoMesh does not know the client, or refuses its secret',
  invalid_grant: "OctoMesh refuses what was left of the user's log-in: somebody has to log in again",
  invalid_scope: 'OctoMesh does not grant the client this scope',
  unauthorized_client: 'OctoMesh does not allow the client to log in this way',
  unsupported_grant_type: 'OctoMesh does not offer this way of logging in',
  access_denied: 'the user, or OctoMesh for them, has refused the log-in',
};

/** What a failed log-in means. The identity service's own description may hold anything, so it is not repeated. */
export function refusalOf(operation: string, error: unknown): unknown {
  if (error instanceof oauth.ResponseBodyError || error instanceof oauth.AuthorizationResponseError) {
    const platformCode = error.error.slice(0, 60);
    const options = {
      platformCode,
      ...(error instanceof oauth.ResponseBodyError ? { platformStatus: error.status } : {}),
    };
    return new AuthenticationError(WORDS[platformCode] ?? `OctoMesh refuses the log-in (${platformCode})`, options);
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    return new AuthenticationError(WORDS.invalid_client ?? '', { platformStatus: error.status });
  }
  if (isPlatformError(error) || !(error instanceof oauth.OperationProcessingError)) return error;
  const detail = error.code ?? 'unreadable';
  return new MalformedResponseError(`${operation}: the identity service's answer does not fit (${detail})`);
}
