import { type CommandOrder, type CommandState, isPlatformError } from '@tributary/contracts';
import type { Clock, Logger } from '@tributary/runtime';
import { ownTrouble } from '../own-trouble.ts';
import type { Ledger, LedgerCommand } from '../ports.ts';
import type { ConnectionInstance } from '../supervision/connection-instance.ts';
import { evidence, stepOf } from './call-outcome.ts';
import { CLAIM_DEAD_MS, type CommandExecutor, commandOf } from './command-executor.ts';

export interface FollowerOptions {
  ledger: Ledger;
  executor: Pick<CommandExecutor, 'isRunning' | 'resend'>;
  clock: Clock;
  log: Logger;
}

const AT_ONCE = 50;
/** It has left, and nobody can take it back: to call it expired would say that it was never sent. */
const OVERDUE: Partial<Record<CommandState, string>> = {
  queued: 'its deadline passed while the platform held it for the device; whether it still arrives is not known',
  dispatched: 'it was sent, and no sign of its effect came before its deadline; whether it took effect is not known',
};

/** Looks after a connection's open orders until their end: asks the platform again, and settles what a crash left. */
export class CommandFollower {
  readonly #options: FollowerOptions;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** One round for one connection. Rejects with the platform's error when the platform could not be asked. */
  async round(instance: ConnectionInstance, signal: AbortSignal): Promise<void> {
    await this.#settleDeadClaims(instance, signal);
    const { ledger } = this.#options;
    let failure: unknown;
    const restMs = (instance.schedules.follow ?? 0) / 2;
    for (const command of await ledger.dueForFollow([instance.record.id], { restMs, limit: AT_ONCE })) {
      signal.throwIfAborted();
      try {
        await this.#follow(command, instance, signal);
      } catch (error) {
        // One order that cannot be followed keeps no other from it.
        failure = error;
        if (!isPlatformError(error) && !ownTrouble(error) && !signal.aborted)
          this.#options.log.error({ err: error, commandId: command.commandId }, 'follow failed');
      }
    }
    if (failure) throw failure;
  }

  async #follow(command: LedgerCommand, instance: ConnectionInstance, signal: AbortSignal): Promise<void> {
    const { ledger, clock } = this.#options;
    const { commands } = instance.adapter;
    const { commandId } = command;
    const receipt = await commands?.follow?.(commandOf(command), command.reference ?? {}, signal);
    if (receipt && receipt.state !== command.state) {
      const { to, step } = stepOf(receipt, clock.now());
      if (await ledger.advance(commandId, to, step)) return;
    }
    const detail = OVERDUE[command.state];
    if (detail && Date.parse(command.expiresAt) <= clock.now()) {
      await ledger.advance(commandId, 'unknown', { evidence: evidence('deadline', detail, clock.now()) });
      return;
    }
    await ledger.followed(commandId, receipt?.reference);
  }

  /** Claimed by a replica that is gone: sent again where that is safe, else nobody can know. */
  async #settleDeadClaims(instance: ConnectionInstance, signal: AbortSignal): Promise<void> {
    const { ledger, executor, clock } = this.#options;
    for (const command of await ledger.deadClaims([instance.record.id], {
      olderThanMs: CLAIM_DEAD_MS,
      limit: AT_ONCE,
    })) {
      signal.throwIfAborted();
      if (executor.isRunning(command.commandId)) continue;
      const overdue = Date.parse(command.expiresAt) <= clock.now();
      if (!overdue && isIdempotent(command, instance)) await executor.resend(command, signal);
      else {
        const detail = 'the replica that was sending it stopped before it knew the answer';
        await ledger.advance(command.commandId, 'unknown', { evidence: evidence('lost-answer', detail, clock.now()) });
      }
    }
  }
}

function isIdempotent(command: CommandOrder, instance: ConnectionInstance): boolean {
  const known = instance.adapter.commands?.describe(command.nativeId) ?? [];
  return known.some(({ name, idempotent }) => name === command.name && idempotent);
}
