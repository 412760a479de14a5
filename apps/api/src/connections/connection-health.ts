import type { BreakerMode, KeptBreaker } from '@tributary/database';

/** As the api gives it. */
export const presentBreaker = (breaker: KeptBreaker) => ({
  service: breaker.service,
  replica: breaker.replica,
  ...stateOf(breaker),
  seenAt: breaker.seenAt.toISOString(),
});

const SICKEST_FIRST: readonly BreakerMode[] = ['open', 'half-open', 'closed'];

/** What the adapter's replicas last told, one breaker a class: the sickest counts. */
export function lastOfAdapter(breakers: readonly KeptBreaker[]) {
  const ofAdapter = breakers
    .filter(({ service }) => service === 'adapter')
    .toSorted((a, b) => SICKEST_FIRST.indexOf(a.state) - SICKEST_FIRST.indexOf(b.state));
  const first = new Map(ofAdapter.toReversed().map((breaker) => [breaker.class, breaker]));
  return [...first.values()].map(stateOf);
}

const stateOf = ({ class: name, state, since, failures, retryAt, code }: KeptBreaker) => ({
  class: name,
  state,
  since: since.toISOString(),
  failures,
  ...(retryAt === null || state !== 'open' ? {} : { retryAt: retryAt.toISOString() }),
  ...(code === null || state === 'closed' ? {} : { code }),
});
