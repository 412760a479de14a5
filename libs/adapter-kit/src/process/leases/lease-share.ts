export interface Census {
  /** Connections without an owner. */
  free: number;
  /** Connections that this replica owns. */
  mine: number;
  /** All active connections of the platform. */
  total: number;
  /** Other replicas that are alive, whether they own anything or not. */
  others: number;
  /** How many connections the others lack to an even share, as far as they have room. */
  wantedElsewhere: number;
}

/** For so long a replica that seems to be alone leaves half to others that may just be starting. */
const ALONE_PATIENCE_MS = 500;

/**
 * How many free connections to take now. Up to an even share at once; what is still free when every other replica has
 * had its turn is nobody else's to take. `freeForMs`: since when something is free; `ttlMs`: time to live of a lease,
 * within which each living replica looks.
 */
export function fairShare({ free, mine, total, others }: Census, freeForMs: number, ttlMs: number): number {
  if (freeForMs >= (others === 0 ? ALONE_PATIENCE_MS : ttlMs)) return free;
  const replicas = Math.max(1, others) + 1;
  return Math.min(free, Math.max(0, Math.ceil(total / replicas) - mine));
}

/**
 * How many connections to give back, so that a replica that came later gets its share: what is above ours, and no more
 * than is wanted elsewhere and not free already.
 */
export function surplus({ free, mine, total, others, wantedElsewhere }: Census): number {
  const share = Math.ceil(total / (others + 1));
  return Math.max(0, Math.min(mine - share, wantedElsewhere - free));
}
