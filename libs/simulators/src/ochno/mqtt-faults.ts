import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from '../kit/fault-types.ts';

export type Verdict = 'pass' | 'refuse' | 'reset';

/** What faults do before the vendor looks at a packet. MQTT can say no to CONNECT and SUBSCRIBE alone. */
export async function verdictOf(faults: readonly Fault[]): Promise<Verdict> {
  for (const fault of faults) {
    if (fault.kind === 'latency') await wait(fault.ms, fault.jitterMs);
    else if (fault.kind === 'reset' && !isAfterwards(fault)) return 'reset';
    else if (fault.kind === 'rate-limit' || (fault.kind === 'status' && !isAfterwards(fault))) return 'refuse';
  }
  return 'pass';
}

/** What faults answer to a WebSocket's handshake. -1 drops the connection; undefined lets it through. */
export async function handshakeStatus(faults: readonly Fault[]): Promise<number | undefined> {
  for (const fault of faults) {
    if (fault.kind === 'latency') await wait(fault.ms, fault.jitterMs);
    else if (fault.kind === 'status') return fault.status;
    else if (fault.kind === 'rate-limit') return 429;
    else if (fault.kind === 'reset') return -1;
  }
  return undefined;
}

/** The work is done, and the caller does not learn it. */
export const isAfterwards = (fault: Fault): boolean =>
  (fault.kind === 'reset' || fault.kind === 'status') && fault.when === 'after';

const wait = (ms: number, jitterMs: number): Promise<void> => delay(ms + Math.random() * jitterMs);
