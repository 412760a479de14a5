import { Inject, Injectable } from '@nestjs/common';
import { type DeliveryResource, houseRouting, makeHouseEvent, type SubscriptionResource } from '@tributary/contracts';
import {
  addToOutbox,
  inTransaction,
  type NewSubscription,
  type Queryable,
  type SubscriptionChange,
  type SubscriptionCondition,
  Subscriptions,
} from '@tributary/database';
import { newEventId } from '@tributary/runtime';
import { type AuditEntry, writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { notFound } from '../http/problem-error.ts';
import type { ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';
import {
  type DeliveryRow,
  deliveryList,
  presentDelivery,
  presentSubscription,
  type SubscriptionRow,
  subscriptionList,
} from './subscription-rows.ts';

type Actor = Pick<CallerIdentity, 'workspace' | 'actor'>;

/** What is to be done with a locked subscription; undefined: nothing. */
export interface Decision {
  change: SubscriptionChange | 'remove';
  /** Told on the bus. */
  tell?: 'paused' | 'resumed';
}

/** The subscriptions of a workspace and what was sent for them. Every change stands in the audit log, in one transaction. */
@Injectable()
export class SubscriptionStore {
  readonly #house: House;
  readonly #subscriptions: Subscriptions;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
    this.#subscriptions = new Subscriptions(house.db);
  }

  list(workspace: string, request: ListRequest): Promise<ListPage<SubscriptionResource>> {
    return readList<SubscriptionRow, SubscriptionResource>(this.#house.db, {
      definition: subscriptionList,
      request,
      conditions: (parameters) => [`s.workspace_id = ${parameters.add(workspace, 'text')}`],
      present: presentSubscription,
    });
  }

  /** Throws 404 for a subscription that is not there or is another workspace's. */
  async get(workspace: string, id: string): Promise<SubscriptionRow> {
    const { rows } = await this.#house.db.pool.query<SubscriptionRow>(
      `select ${subscriptionList.select} from ${subscriptionList.from} where s.id = $1 and s.workspace_id = $2`,
      [id, workspace],
    );
    const row = rows[0];
    if (!row) throw notFound('subscription');
    return row;
  }

  async create(actor: Actor, draft: NewSubscription, traceId: string): Promise<SubscriptionRow> {
    await inTransaction(this.#house.db.pool, async (tx) => {
      await this.#subscriptions.create(draft, tx);
      await writeAudit(this.#house.audit, actor, { action: 'subscription.created', target: draft.id, traceId }, tx);
    });
    return this.get(actor.workspace, draft.id);
  }

  /**
   * Decides on a subscription that stays locked until the decision is carried out: nobody else changes or suspends it
   * meanwhile. Throws 404, and what `decide` throws; then nothing is changed.
   */
  async decide(
    actor: Actor,
    id: string,
    audit: Omit<AuditEntry, 'target'>,
    decide: (now: SubscriptionCondition) => Decision | undefined,
  ): Promise<void> {
    await inTransaction(this.#house.db.pool, async (tx) => {
      const condition = await this.#subscriptions.lock(actor.workspace, id, tx);
      if (!condition) throw notFound('subscription');
      const decision = decide(condition);
      if (!decision) return;
      if (decision.change === 'remove') await this.#subscriptions.remove(id, tx);
      else await this.#subscriptions.change(id, decision.change, tx);
      if (decision.tell) await this.#tell(actor.workspace, id, decision.tell, tx);
      await writeAudit(this.#house.audit, actor, { ...audit, target: id }, tx);
    });
  }

  async noteTest(actor: Actor, id: string, traceId: string): Promise<void> {
    await writeAudit(this.#house.audit, actor, { action: 'subscription.tested', target: id, traceId });
  }

  deliveries(workspace: string, id: string, request: ListRequest): Promise<ListPage<DeliveryResource>> {
    return readList<DeliveryRow, DeliveryResource>(this.#house.db, {
      definition: deliveryList,
      request,
      conditions: (parameters) => [
        `d.workspace_id = ${parameters.add(workspace, 'text')}`,
        `d.subscription_id = ${parameters.add(id, 'text')}`,
      ],
      present: presentDelivery,
    });
  }

  /** Throws 404. */
  async delivery(workspace: string, subscriptionId: string, id: string): Promise<DeliveryResource> {
    const { rows } = await this.#house.db.pool.query<DeliveryRow>(
      `select ${deliveryList.select} from ${deliveryList.from}
       where d.id = $1 and d.subscription_id = $2 and d.workspace_id = $3`,
      [id, subscriptionId, workspace],
    );
    const row = rows[0];
    if (!row) throw notFound('delivery');
    return presentDelivery(row);
  }

  async #tell(workspace: string, subscriptionId: string, action: 'paused' | 'resumed', tx: Queryable): Promise<void> {
    const name = `subscription.${action}` as const;
    const time = new Date(this.#house.clock.now()).toISOString();
    const data = { subscriptionId, reason: 'caller' as const };
    const event = makeHouseEvent({ id: newEventId(), name, workspace, time, data });
    await addToOutbox(tx, subscriptionId, {
      kind: 'event',
      event,
      routing: houseRouting(workspace, name, subscriptionId),
    });
  }
}
