import { hash } from 'node:crypto';

/**
 * Which of the living replicas is to plan for a subscription: the one that scores highest for it. All replicas come to
 * the same answer without talking, shares are even, and only what a replica that came or went is best at changes hands.
 * Undefined without a replica.
 */
export function ownerOf(subscriptionId: string, replicas: readonly string[]): string | undefined {
  let best: { replica: string; score: string } | undefined;
  for (const replica of replicas) {
    const score = hash('sha1', `${subscriptionId}/${replica}`);
    if (!best || score > best.score) best = { replica, score };
  }
  return best?.replica;
}
