import { z } from 'zod';

/** What is known of a command. Each state says exactly as much as its evidence. */
export const commandStates = [
  'accepted',
  'dispatched',
  'acknowledged',
  'queued',
  'delivered',
  'confirmed',
  'rejected',
  'failed',
  'expired',
  'cancelled',
  'unknown',
] as const;
export type CommandState = (typeof commandStates)[number];
export const commandState = z.enum(commandStates);

/** From where to where a command may go. What is absent is a lie or a step back. */
const ladder: Record<CommandState, readonly CommandState[]> = {
  accepted: ['dispatched', 'rejected', 'failed', 'expired', 'cancelled'],
  // The adapter is about to call, or has called without learning the answer.
  dispatched: ['acknowledged', 'queued', 'delivered', 'confirmed', 'rejected', 'failed', 'unknown'],
  acknowledged: ['queued', 'delivered', 'confirmed', 'failed', 'expired', 'unknown'],
  queued: ['delivered', 'confirmed', 'failed', 'expired', 'cancelled', 'unknown'],
  delivered: ['confirmed', 'failed', 'unknown'],
  // A lost answer is resolved by reading back; what was only presumed may still turn out.
  unknown: ['acknowledged', 'queued', 'delivered', 'confirmed', 'failed'],
  confirmed: [],
  rejected: [],
  failed: [],
  expired: [],
  cancelled: [],
};

/** `unknown` ends a command for its caller, but evidence may still come. */
export const isTerminal = (state: CommandState): boolean => ladder[state].length === 0;

export const canAdvance = (from: CommandState, to: CommandState): boolean => ladder[from].includes(to);

/** States from which an adapter may still learn something by following the platform. */
export const openStates: readonly CommandState[] = commandStates.filter((state) => !isTerminal(state));
