import type { Call, Clock, Limitations, Logger } from '@tributary/adapter-kit';
import { isPlatformError } from '@tributary/contracts';
import { getIntrospectionQuery } from 'graphql';
import type { ExosenseClient } from './client.ts';
import { type Names, Offered } from './schema.ts';

const DAY_MS = 86_400_000;
const ASK_AGAIN_MS = 600_000;
const INTROSPECTION = getIntrospectionQuery({ descriptions: false });
/** The whole schema in one answer. */
const EXPECTED_MS = 1_000;

export interface SchemaKeeperOptions {
  client: ExosenseClient;
  names: Names;
  limitations: Limitations;
  clock: Clock;
  log: Logger;
}

/** Asks the instance what it offers: before the first use, and again when a day has passed. One request each. */
export class SchemaKeeper {
  readonly #options: SchemaKeeperOptions;
  #known: { offered: Offered; askedAtMs: number } | undefined;

  constructor(options: SchemaKeeperOptions) {
    this.#options = options;
  }

  /** What was offered when last asked; undefined before. */
  get known(): Offered | undefined {
    return this.#known?.offered;
  }

  /** An instance that refuses introspection is taken to offer what is documented; other failures are thrown. */
  async offered(call: Call): Promise<Offered> {
    const nowMs = this.#options.clock.now();
    if (this.#known && nowMs - this.#known.askedAtMs < DAY_MS) return this.#known.offered;
    const before = this.#known?.offered;
    try {
      return this.#keep(await this.#ask(call), nowMs);
    } catch (error) {
      const askedAtMs = nowMs - DAY_MS + ASK_AGAIN_MS;
      // No telemetry is read while this is believed: a refusal that passes must not stand for a day.
      if (!before && isPlatformError(error) && refusals.includes(error.code))
        return this.#keep(this.#documented(), askedAtMs);
      // A day-old schema is better than none, whatever the platform says now.
      if (!before || !isPlatformError(error) || error.code === 'authentication') throw error;
      this.#known = { offered: before, askedAtMs };
      return before;
    }
  }

  async #ask(call: Call): Promise<Offered> {
    const { client, names, limitations } = this.#options;
    const question = { operation: 'EXO-20', text: INTROSPECTION, variables: {}, expectedMs: EXPECTED_MS };
    const { data } = await client.query(question, call);
    const offered = Offered.introspected(data, names);
    limitations.lift('introspection');
    return offered;
  }

  #documented(): Offered {
    const { limitations, names } = this.#options;
    limitations.note('introspection', 'the instance does not tell its schema: only assets are read, no telemetry');
    return Offered.documented(names);
  }

  #keep(offered: Offered, nowMs: number): Offered {
    const { limitations, log } = this.#options;
    const problems = offered.problems();
    for (const problem of problems) log.warn({ problem }, 'the schema of the instance is not as expected');
    if (problems.length > 0) limitations.note('names', problems.join('; '));
    else limitations.lift('names');
    this.#known = { offered, askedAtMs: nowMs };
    return offered;
  }
}

const refusals: readonly string[] = ['invalid-request', 'permission-denied', 'unsupported'];
