import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  type AttemptReport,
  type DeliveryResource,
  isPlatformError,
  type Json,
  mergePatch,
  type SubscribedEvents,
  type SubscriptionDraft,
  type SubscriptionPatch,
  subscribedEvents,
} from '@tributary/contracts';
import type { SubscriptionChange, SubscriptionStart } from '@tributary/database';
import { checkedUrl, checkHost, newId, RefusedAddressError } from '@tributary/runtime';
import type { CallerIdentity } from '../auth/caller.ts';
import { logProblem } from '../events/log-problem.ts';
import { HOUSE, type House } from '../house.ts';
import { checkIfMatchVersion } from '../http/etag.ts';
import { faultsOf } from '../http/input.ts';
import { badRequest, notFound, ProblemError } from '../http/problem-error.ts';
import { type SubscriptionRow, subscriptionEtag } from './subscription-rows.ts';
import { SubscriptionStore } from './subscription-store.ts';

interface Place {
  cursor?: string | undefined;
  since?: string | undefined;
}

const SECRET_BYTES = 32;
const TEST_MS = 30_000;

/** What can be done with subscriptions. Addresses are checked when they are given, and again whenever they are dialled. */
@Injectable()
export class SubscriptionsService {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(SubscriptionStore) private readonly store: SubscriptionStore,
  ) {}

  /** The secret is in no later answer. */
  async create(caller: CallerIdentity, draft: SubscriptionDraft, traceId: string) {
    await this.#checkAddress(draft.url);
    const id = newId('sub');
    const owner = { workspace: caller.workspace, connectionId: id };
    const secret = draft.secret ?? newSecret();
    const { url, description, events, batch, headers } = draft;
    const row = await this.store.create(
      caller,
      {
        id,
        workspace: caller.workspace,
        url,
        description,
        events,
        batch,
        headerNames: Object.keys(headers ?? {}),
        headers: headers && this.house.vault.seal(headers, owner),
        secrets: this.house.vault.seal({ current: secret }, owner),
        start: await this.#startOf(draft),
      },
      traceId,
    );
    return { row, secret };
  }

  /** Throws 412 when the subscription has moved on, before or during the change. */
  async update(
    caller: CallerIdentity,
    id: string,
    patch: SubscriptionPatch,
    ifMatch: string | undefined,
    traceId: string,
  ): Promise<SubscriptionRow> {
    const row = await this.store.get(caller.workspace, id);
    checkIfMatchVersion(ifMatch, row.version, subscriptionEtag(row));
    if (patch.url !== undefined) await this.#checkAddress(patch.url);
    const change = this.#changeOf(row, patch);
    const elsewhere = patch.url !== undefined || patch.headers !== undefined;
    const audit = { action: 'subscription.updated', details: { members: Object.keys(patch) }, traceId };
    await this.store.decide(caller, id, audit, ({ version, suspended }) => {
      checkVersion(version, row);
      return { change: { ...change, ...(elsewhere && !suspended ? { tryAgain: true } : {}) } };
    });
    return this.store.get(caller.workspace, id);
  }

  async remove(caller: CallerIdentity, id: string, ifMatch: string | undefined, traceId: string): Promise<void> {
    const row = await this.store.get(caller.workspace, id);
    checkIfMatchVersion(ifMatch, row.version, subscriptionEtag(row));
    await this.store.decide(caller, id, { action: 'subscription.removed', traceId }, ({ version }) => {
      checkVersion(version, row);
      return { change: 'remove' };
    });
  }

  /** The same twice is the same as once. */
  async pause(caller: CallerIdentity, id: string, traceId: string): Promise<SubscriptionRow> {
    await this.store.decide(caller, id, { action: 'subscription.paused', traceId }, ({ paused }) =>
      paused ? undefined : { change: { paused: true }, tell: 'paused' },
    );
    return this.store.get(caller.workspace, id);
  }

  async resume(caller: CallerIdentity, id: string, traceId: string): Promise<SubscriptionRow> {
    await this.store.decide(caller, id, { action: 'subscription.resumed', traceId }, ({ paused, suspended }) =>
      paused || suspended ? { change: { paused: false, tryAgain: true }, tell: 'resumed' } : undefined,
    );
    return this.store.get(caller.workspace, id);
  }

  async replay(caller: CallerIdentity, id: string, place: Place, traceId: string): Promise<SubscriptionRow> {
    await this.store.get(caller.workspace, id);
    const start = await this.#startOf(place);
    await this.store.decide(caller, id, { action: 'subscription.replayed', traceId }, ({ suspended }) => ({
      change: { start, ...(suspended ? {} : { tryAgain: true }) },
    }));
    return this.store.get(caller.workspace, id);
  }

  async rotate(
    caller: CallerIdentity,
    id: string,
    order: { secret?: string | undefined; overlapMs: number },
    traceId: string,
  ) {
    const row = await this.store.get(caller.workspace, id);
    const owner = { workspace: caller.workspace, connectionId: id };
    const { current: previous } = this.house.vault.open(row.secrets, owner);
    const secret = order.secret ?? newSecret();
    const sealed = this.house.vault.seal({ current: secret, ...(previous ? { previous } : {}) }, owner);
    const previousUntil = order.overlapMs > 0 ? new Date(this.house.clock.now() + order.overlapMs) : null;
    await this.store.decide(caller, id, { action: 'subscription.secret-rotated', traceId }, ({ version }) => {
      if (version !== row.version)
        throw new ProblemError('conflict', 'The subscription was changed at the same moment.');
      return { change: { secrets: { sealed, previousUntil } } };
    });
    return { row: await this.store.get(caller.workspace, id), secret };
  }

  async test(
    caller: CallerIdentity,
    id: string,
    asking: { traceId: string; signal: AbortSignal },
  ): Promise<AttemptReport> {
    await this.store.get(caller.workspace, id);
    await this.store.noteTest(caller, id, asking.traceId);
    try {
      return await this.house.webhooks.test(id, {
        deadlineMs: this.house.clock.now() + TEST_MS,
        signal: asking.signal,
      });
    } catch (error) {
      if (!isPlatformError(error)) throw error;
      if (error.code === 'not-found') throw notFound('subscription');
      throw new ProblemError('adapter-unavailable', 'The service that sends webhooks does not answer.', {
        retryAfterMs: 2_000,
        cause: error,
      });
    }
  }

  /** Throws 409 where it does not wait for its time. */
  async retry(caller: CallerIdentity, id: string, deliveryId: string, traceId: string): Promise<DeliveryResource> {
    const delivery = await this.store.delivery(caller.workspace, id, deliveryId);
    if (delivery.state !== 'pending')
      throw new ProblemError(
        'conflict',
        `The delivery is ${delivery.state} already; a replay from its cursors sends its events again.`,
      );
    const audit = { action: 'subscription.delivery-retried', details: { delivery: deliveryId }, traceId };
    await this.store.decide(caller, id, audit, ({ paused, suspended }) => {
      if (paused || suspended)
        throw new ProblemError('conflict', `The subscription is ${paused ? 'paused' : 'suspended'}; resume it first.`);
      return { change: { tryAgain: true } };
    });
    return this.store.delivery(caller.workspace, id, deliveryId);
  }

  /** Throws 400 for an address that may not be dialled. */
  async #checkAddress(text: string): Promise<void> {
    const { allowPrivateAddresses: allowPrivate } = this.house.settings;
    try {
      const url = checkedUrl(text, { secure: ['https:'], plain: ['http:'], allowPrivate });
      if (!allowPrivate) await checkHost(url.hostname, allowPrivate);
    } catch (error) {
      if (!isPlatformError(error) && !(error instanceof RefusedAddressError)) throw error;
      throw badRequest([{ pointer: '/body/url', detail: error.message }]);
    }
  }

  /** Throws 400 for what is no cursor, 410 for one whose event is no longer kept, 503 while the log does not answer. */
  async #startOf({ cursor, since }: Place): Promise<SubscriptionStart> {
    if (since !== undefined) return { since };
    try {
      const { nextCursor } = await this.house.events.read({ after: cursor ?? 'last', limit: 1 });
      return { cursor: cursor ?? nextCursor };
    } catch (error) {
      throw logProblem(error, '/body/cursor');
    }
  }

  #changeOf(row: SubscriptionRow, patch: SubscriptionPatch): SubscriptionChange {
    const { url, description, batch, headers } = patch;
    const owner = { workspace: row.workspace_id, connectionId: row.id };
    return {
      ...(url === undefined ? {} : { url }),
      ...(description === undefined ? {} : { description }),
      ...(batch === undefined ? {} : { batch }),
      ...(patch.events === undefined ? {} : { events: merged(row.events, patch.events) }),
      ...(headers === undefined
        ? {}
        : {
            headers: {
              names: Object.keys(headers ?? {}),
              sealed: headers && Object.keys(headers).length > 0 ? this.house.vault.seal(headers, owner) : null,
            },
          }),
    };
  }
}

function merged(before: object, patch: object): SubscribedEvents {
  const parsed = subscribedEvents.safeParse(mergePatch(before as Json, patch as Json));
  if (!parsed.success) throw badRequest(faultsOf(parsed.error, 'body'));
  return parsed.data;
}

function checkVersion(version: number, row: SubscriptionRow): void {
  if (version === row.version) return;
  throw new ProblemError('precondition-failed', 'The subscription was changed at the same moment.');
}

const newSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
