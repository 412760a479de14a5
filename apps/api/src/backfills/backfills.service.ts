import { Inject, Injectable } from '@nestjs/common';
import type { BackfillDraft, BackfillEstimate, BackfillResource } from '@tributary/contracts';
import { Backfills, inTransaction } from '@tributary/database';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import type { Asking } from '../connections/connections.service.ts';
import { HOUSE, type House } from '../house.ts';
import type { IdempotencyClaim } from '../http/idempotency-claim.ts';
import { notFound, ProblemError } from '../http/problem-error.ts';
import { BackfillPlans, presentEstimate } from './backfill-plan.ts';
import { BackfillStore } from './backfill-store.ts';

/** Plans and ends backfills; adapters read them. */
@Injectable()
export class BackfillsService {
  readonly #backfills: Backfills;

  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(BackfillStore) private readonly store: BackfillStore,
    @Inject(BackfillPlans) private readonly plans: BackfillPlans,
  ) {
    this.#backfills = new Backfills(house.db);
  }

  async estimate(caller: CallerIdentity, draft: BackfillDraft, asking: Asking): Promise<BackfillEstimate> {
    return presentEstimate(await this.plans.make(caller, draft, asking));
  }

  /** The backfill and the answer to its key are written together: a crash makes no second one. */
  async create(
    caller: CallerIdentity,
    draft: BackfillDraft,
    claim: IdempotencyClaim | undefined,
    asking: Asking,
  ): Promise<BackfillResource> {
    const plan = await this.plans.make(caller, draft, asking);
    const { connectionId, fromMs, toMs, parts, calls, pace } = plan;
    return inTransaction(this.house.db.pool, async (tx) => {
      const id = await this.#backfills.plan(
        {
          workspace: caller.workspace,
          connectionId,
          kind: 'asked',
          fromMs,
          toMs,
          deviceIds: draft.devices,
          filter: draft.filter,
          signals: draft.signals,
          onlyGaps: draft.onlyGaps,
          askedBy: caller.actor,
          estimate: { calls, ms: pace.ms },
          parts,
        },
        tx,
      );
      const details = { connectionId, from: draft.from, to: draft.to, parts: parts.length };
      await writeAudit(
        this.house.audit,
        caller,
        { action: 'backfill.asked', target: id, details, traceId: asking.traceId },
        tx,
      );
      const backfill = await this.store.get(caller.workspace, id, tx);
      const answer = { status: 202, headers: { location: `/v1/backfills/${id}` }, body: backfill };
      if (claim && !(await claim.finish(answer, tx))) {
        throw new ProblemError('idempotency-in-progress', 'Another request with this key has taken over.', {
          retryAfterMs: 1_000,
        });
      }
      return backfill;
    });
  }

  /** The same twice is the same as once. Throws 409 for one that has ended otherwise. */
  async cancel(caller: CallerIdentity, id: string, traceId: string): Promise<BackfillResource> {
    const result = await inTransaction(this.house.db.pool, async (tx) => {
      const found = await this.#backfills.cancel(caller.workspace, id, tx);
      const entry = { action: 'backfill.cancelled', target: id, traceId };
      if (found === 'cancelled') await writeAudit(this.house.audit, caller, entry, tx);
      return found;
    });
    if (result === 'not-found') throw notFound('backfill');
    const backfill = await this.store.get(caller.workspace, id);
    if (result === 'too-late' && backfill.state !== 'cancelled') {
      throw new ProblemError('conflict', `The backfill has ended: it is ${backfill.state}.`);
    }
    return backfill;
  }
}
