import { Injectable } from '@nestjs/common';
import type { TurnJob } from '../queues.ts';
import { Processes } from './processes.ts';
import type { TurnDispatch } from './turn-dispatch.ts';

/** Takes turns of receivers that took what they were last sent. */
@Processes('turns')
@Injectable()
export class TurnProcessor {
  #dispatch: TurnDispatch | undefined;

  /** The dispatch asks the queues, whose jobs come here: so it is told, not injected. */
  takeBy(dispatch: TurnDispatch): void {
    this.#dispatch = dispatch;
  }

  /** Resolves when the place in the queue is free again. Never rejects because of a turn: one broken off stays due. */
  async process({ subscriptionId }: TurnJob): Promise<void> {
    await this.#dispatch?.takePlace(subscriptionId);
  }
}

/** Takes turns of those that did not, when their pause is over. */
@Processes('retries')
@Injectable()
export class RetryProcessor extends TurnProcessor {}
