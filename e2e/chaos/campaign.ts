import { judge, type Violation } from './check/invariant.ts';
import { invariants } from './check/invariants.ts';
import type { Made } from './inject/injection.ts';
import { Company } from './load/company.ts';
import type { FaultKind } from './plan/faults.ts';
import { describePlan, expand, type Plan } from './plan/plan.ts';
import { type Counts, countsOf, describeCounts, describeViolations } from './report.ts';
import { runRound } from './round.ts';
import { passes, SERVICES } from './world/services.ts';
import { World } from './world/world.ts';

export interface CampaignOptions {
  seed: number;
  /** Instead of what the seed stands for. */
  plan?: Plan;
  /** How many faults, and points between them on average, where the seed decides. */
  faults?: number;
  spacing?: number;
  kinds?: readonly FaultKind[];
  /** Folder with apps/ and libs/ as they were built; default this repository. */
  root?: string;
  /** Leaves the folder with logs where it is. */
  keep?: boolean;
  say?(text: string): void;
}

export interface CampaignResult {
  plan: Plan;
  violations: Violation[];
  counts: Counts;
  /** Where the logs of the services are; gone unless kept, or something was broken. */
  logs: string;
}

/** A house that stays up for several rounds. */
export class Campaign {
  readonly #world: World;
  readonly #company: Company;
  readonly #made: Made = { poison: [], lostReplies: {}, ended: 0, budgetsForgotten: false };
  readonly #say: (text: string) => void;
  #keep: boolean;

  private constructor(world: World, company: Company, options: CampaignOptions) {
    this.#world = world;
    this.#company = company;
    this.#say = options.say ?? (() => undefined);
    this.#keep = options.keep ?? false;
  }

  /** Throws when the house does not come up. */
  static async open(options: CampaignOptions): Promise<Campaign> {
    const world = await World.open({
      seed: options.seed,
      say: options.say ?? (() => undefined),
      ...(options.root === undefined ? {} : { root: options.root }),
    });
    return new Campaign(world, await Company.gather(world), options);
  }

  /** One plan from beginning to rest, and the judgement of everything since the house was opened. */
  async round(options: CampaignOptions): Promise<CampaignResult> {
    const plan = options.plan ?? this.#planOf(options);
    this.#say(describePlan(plan));
    const result = await runRound({
      world: this.#world,
      company: this.#company,
      plan,
      made: this.#made,
      say: this.#say,
    });
    const violations = judge(result.facts, invariants);
    const counts = countsOf(result);
    this.#say(describeCounts(counts));
    if (violations.length > 0) {
      this.#keep = true;
      this.#say(describeViolations(violations));
    }
    return { plan, violations, counts, logs: this.#world.logs.folder };
  }

  async close(): Promise<void> {
    await this.#company.leave();
    await this.#world.close(this.#keep);
  }

  #planOf({ seed, faults, spacing, kinds }: CampaignOptions): Plan {
    return expand({
      seed,
      targets: { services: SERVICES.map(({ name }) => name), passes, platforms: this.#world.platforms },
      ...(faults === undefined ? {} : { faults }),
      ...(spacing === undefined ? {} : { spacing }),
      ...(kinds === undefined ? {} : { kinds }),
    });
  }
}

/**
 * Opens a house, runs one round, closes it; also when `signal` aborts meanwhile, whose reason it rejects with then.
 * Rejects otherwise only when the house does not come up.
 */
export async function runCampaign(options: CampaignOptions, signal?: AbortSignal): Promise<CampaignResult> {
  const campaign = await Campaign.open(options);
  const aborted = new Promise<never>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    signal?.throwIfAborted();
    return await Promise.race([campaign.round(options), aborted]);
  } finally {
    await campaign.close();
  }
}
