export interface Census {
  /** Connections without an owner. */
  free: number;
  /** Connections that this replica owns. */
  mine: number;
  /** All active connections of the platform. */
  total: number;
  /** Other replicas that own at least one. */
  others: number;
}

/** Rounds for which connections are left to replicas that may just be starting, or may have less than their share. */
const PATIENCE = 2;

/**
 * How many free connections to take now. First up to an even share, counting one replica more when we seem to be
 * alone; what is still free after some rounds is nobody else's to take.
 */
export function fairShare({ free, mine, total, others }: Census, roundsWaited: number): number {
  if (roundsWaited >= PATIENCE) return free;
  const replicas = Math.max(1, others) + 1;
  return Math.min(free, Math.max(0, Math.ceil(total / replicas) - mine));
}
