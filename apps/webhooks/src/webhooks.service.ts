import { Inject, Injectable } from '@nestjs/common';
import { WEBHOOKS } from '@tributary/contracts';
import { type Database, listen, SUBSCRIPTIONS_CHANNEL } from '@tributary/database';
import { type Broker, type EventLog, serveRequests } from '@tributary/messaging';
import { SERVICE_NAME, type WebhooksContext } from './foundation.module.ts';
import type { LeaseRounds } from './leases/lease-rounds.ts';
import { LedgerKeeper } from './ledger/ledger-keeper.ts';
import type { Planners } from './planning/planners.ts';
import type { Receivers } from './sending/receivers.ts';
import { TestCall } from './sending/test-call.ts';
import {
  BROKER,
  CONTEXT,
  DATABASE,
  EVENT_LOG,
  LEASE_ROUNDS,
  PLANNERS,
  RECEIVERS,
  TURN_DISPATCH,
  TURN_QUEUES,
} from './tokens.ts';
import type { TurnDispatch } from './turns/turn-dispatch.ts';
import type { TurnQueues } from './turns/turns.module.ts';

const SCHEMA_RETRY_MS = 1_000;

/** Starts everything in order and lets go of it in the reverse one. */
@Injectable()
export class WebhooksService {
  constructor(
    @Inject(CONTEXT) private readonly context: WebhooksContext,
    @Inject(DATABASE) private readonly database: Database,
    @Inject(BROKER) private readonly broker: Broker,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(RECEIVERS) private readonly receivers: Receivers,
    @Inject(TURN_QUEUES) private readonly queues: TurnQueues,
    @Inject(TURN_DISPATCH) private readonly dispatch: TurnDispatch,
    @Inject(PLANNERS) private readonly planners: Planners,
    @Inject(LEASE_ROUNDS) private readonly rounds: LeaseRounds,
    @Inject(TestCall) private readonly testCall: TestCall,
  ) {}

  /** Returns at once; work begins when the database has the schema this code knows. */
  start(): void {
    const { shutdown } = this.context;
    shutdown.add('database', () => this.database.close());
    shutdown.add('broker', () => this.broker.close());
    shutdown.add('receivers', () => this.receivers.close());
    shutdown.add('queues', async () => {
      await Promise.all([this.queues.turns.close(), this.queues.retries.close()]);
    });
    shutdown.add('turns', () => this.dispatch.stop());
    shutdown.add('event log', () => this.log.close());
    void this.#startWhenSchemaFits();
  }

  async #startWhenSchemaFits(): Promise<void> {
    const { shutdown, config, clock, metrics, log: logger } = this.context;
    if (!(await this.#schemaFits())) return;
    const keeper = new LedgerKeeper({
      db: this.database,
      rounds: this.rounds,
      retentionMs: config.WEBHOOKS_LEDGER_RETENTION,
      clock,
      metrics,
      log: logger,
    });
    keeper.start();
    shutdown.add('ledger', () => keeper.stop());
    await this.#answerQuestions();
    this.dispatch.start();
    this.rounds.start();
    this.#listen();
    shutdown.add('leases', async () => {
      await this.planners.stop();
      await this.rounds.stop();
    });
  }

  async #schemaFits(): Promise<boolean> {
    const { shutdown, clock, health, log } = this.context;
    const part = health.part('database');
    for (let known = ''; ; ) {
      try {
        await this.database.ready();
        part.ready();
        return true;
      } catch (error) {
        const reason = error instanceof Error && error.message !== '' ? error.message : 'does not answer';
        if (reason !== known) log.warn({ err: error }, 'waiting for the database');
        known = reason;
        part.unready(reason);
      }
      await clock.sleep(SCHEMA_RETRY_MS, shutdown.signal).catch(() => undefined);
      if (shutdown.signal.aborted) return false;
    }
  }

  async #answerQuestions(): Promise<void> {
    const { config, log, metrics, clock, shutdown } = this.context;
    const server = await serveRequests({
      url: config.RABBITMQ_URL,
      namespace: config.TRIBUTARY_NAMESPACE,
      name: SERVICE_NAME,
      platform: WEBHOOKS,
      handlers: {
        'subscription.test': ({ subscriptionId }, { signal }) => this.testCall.send(subscriptionId, signal),
      },
      log,
      metrics,
      clock,
    });
    shutdown.add('questions', () => server.close());
  }

  /** A change that a caller made takes effect at once, not with the next round. */
  #listen(): void {
    const { clock, log, shutdown } = this.context;
    const listening = listen(this.database, {
      channel: SUBSCRIPTIONS_CHANNEL,
      onMessage: () => this.rounds.soon(),
      log,
      clock,
      signal: shutdown.signal,
    });
    shutdown.add('changes', () => listening);
  }
}
