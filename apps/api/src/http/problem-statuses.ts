import type { EndpointSpec } from './endpoint-spec.ts';

/**
 * Failures that a caller can cause at a route, by its specification. What a platform or this house fails at is `default`
 * in the document; what else one route alone refuses stands in its `answers`.
 */
export function problemStatuses(spec: EndpointSpec): number[] {
  const known = spec.scope !== 'public';
  return [
    400,
    ...(known ? [401, 403, 429] : []),
    ...(spec.params ? [404] : []),
    ...(spec.idempotency ? [409, 422] : []),
    ...(negotiated(spec) ? [406] : []),
    ...(spec.ifMatch ? [412, 428] : []),
    ...(spec.method === 'GET' ? [] : [413, 415]),
  ].sort((a, b) => a - b);
}

/** Given in several forms, of which the caller may accept none. */
const negotiated = ({ answers }: EndpointSpec): boolean =>
  Object.values(answers).some(({ schema, mediaTypes }) => schema && mediaTypes);
