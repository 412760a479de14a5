import { Inject, Injectable } from '@nestjs/common';
import { type AttemptReport, CONTENT_TYPE, makeHouseEvent, NotFoundError } from '@tributary/contracts';
import type { CredentialVault, DeliveryTurns } from '@tributary/database';
import { newEventId, newId } from '@tributary/runtime';
import type { WebhooksContext } from '../foundation.module.ts';
import { CONTEXT, RECEIVERS, TURNS, VAULT } from '../tokens.ts';
import { envelopeOf } from './envelope.ts';
import type { Receivers } from './receivers.ts';

/** Sends one signed event that is nothing but a test, whatever the state of the subscription, and says what happened. */
@Injectable()
export class TestCall {
  readonly #context: WebhooksContext;
  readonly #turns: DeliveryTurns;
  readonly #receivers: Receivers;
  readonly #vault: CredentialVault;

  constructor(
    @Inject(CONTEXT) context: WebhooksContext,
    @Inject(TURNS) turns: DeliveryTurns,
    @Inject(RECEIVERS) receivers: Receivers,
    @Inject(VAULT) vault: CredentialVault,
  ) {
    this.#context = context;
    this.#turns = turns;
    this.#receivers = receivers;
    this.#vault = vault;
  }

  /** Throws `NotFoundError`; nothing that the receiver does makes it throw. */
  async send(subscriptionId: string, signal: AbortSignal): Promise<AttemptReport> {
    const addressee = await this.#turns.addressee(subscriptionId);
    if (!addressee) throw new NotFoundError('there is no such subscription');
    const atMs = this.#context.clock.now();
    const body = this.#event(addressee.workspace, subscriptionId, atMs);
    const envelope = envelopeOf(addressee, this.#vault);
    const { outcome, status, latencyMs, excerpt } = await this.#receivers.post(
      {
        // Sockets of its own: a test does not wait behind a delivery.
        subscriptionId: `${subscriptionId}/test`,
        url: addressee.url,
        headers: envelope.headersOf({ id: newId('dlv'), atMs, body }, CONTENT_TYPE),
        body,
        secrets: envelope.secrets,
      },
      signal,
    );
    return {
      outcome,
      latencyMs,
      ...(status === undefined ? {} : { status }),
      ...(excerpt === undefined ? {} : { excerpt }),
    };
  }

  #event(workspace: string, subscriptionId: string, atMs: number): string {
    return JSON.stringify(
      makeHouseEvent({
        id: newEventId(),
        name: 'subscription.tested',
        workspace,
        time: new Date(atMs).toISOString(),
        data: { subscriptionId, reason: 'caller' },
      }),
    );
  }
}
