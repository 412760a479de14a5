import { type CommandState, type Evidence, failurePolicies, isPlatformError } from '@tributary/contracts';
import { BUDGET_SPENT } from '../../budgets/lane-gate.ts';
import type { CommandReceipt } from '../../contract.ts';
import { NOT_SENT } from '../../http/network-failure.ts';
import { CIRCUIT_OPEN } from '../../http/retrier.ts';
import type { Step } from '../ports.ts';

const NOTHING_LEFT = new Set<string>([NOT_SENT, CIRCUIT_OPEN, BUDGET_SPENT]);

/** What a failed call to the platform says about the order. */
export type CallFailure =
  /** No byte of it left, or the platform refused to look at it: may be tried again. */
  | 'not-sent'
  /** The platform, or the adapter before it, said no: there was no effect. */
  | 'refused'
  /** It may or may not have taken effect. */
  | 'ambiguous';

export function classifyCallFailure(error: unknown): CallFailure {
  if (!isPlatformError(error)) return 'ambiguous';
  if (error.code === 'rate-limited') return 'not-sent';
  if (error.platformCode !== undefined && NOTHING_LEFT.has(error.platformCode)) return 'not-sent';
  if (error.code === 'malformed-response') return 'ambiguous';
  return failurePolicies[error.code].retry === 'never' ? 'refused' : 'ambiguous';
}

export const evidence = (
  kind: Evidence['kind'],
  detail: string,
  nowMs: number,
  more: Pick<Evidence, 'data' | 'reference'> = {},
): Evidence => ({ kind, detail, observedAt: new Date(nowMs).toISOString(), ...more });

/** The step that a receipt proves. */
export function stepOf(receipt: CommandReceipt, nowMs: number): { to: CommandState; step: Step } {
  const { kind, detail, data } = receipt.evidence;
  return {
    to: receipt.state,
    step: {
      evidence: evidence(kind, detail, nowMs, data === undefined ? {} : { data }),
      ...(receipt.reference === undefined ? {} : { reference: receipt.reference }),
    },
  };
}

/** The step that a failure proves: refused is `rejected`; what nobody can know is `unknown`. */
export function stepOfFailure(error: unknown, nowMs: number): { to: CommandState; step: Step } {
  const wire = isPlatformError(error) ? { error: error.toWire() } : {};
  const said = isPlatformError(error) ? error.message : 'an unexpected error of the adapter';
  if (classifyCallFailure(error) === 'refused') {
    return { to: 'rejected', step: { evidence: evidence('platform-answer', said, nowMs), ...wire } };
  }
  const detail = `whether it took effect is not known: ${said}`;
  return { to: 'unknown', step: { evidence: evidence('lost-answer', detail, nowMs), ...wire } };
}
