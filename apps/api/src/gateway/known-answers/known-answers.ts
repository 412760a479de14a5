import type { Clock, Gauge, Logger, Metrics } from '@tributary/runtime';
import { AnswerMemory, type KeptAnswer, LONGEST_ANSWER } from './answer-memory.ts';
import type { KnownQuestion } from './known-answer.ts';
import type { SharedAnswers } from './shared-answers.ts';

/** An answer that is younger is not shared again: a busy question costs Redis little. */
const SHARE_EVERY_MS = 5_000;
/** Another replica may have asked later than this one. */
const LOOK_EVERY_MS = 10_000;
/** Redis has just failed: it is left alone for so long. */
const AWAY_MS = 5_000;

export interface KnownAnswersOptions {
  /** How old an answer may become; 0 for none. */
  keepMs: number;
  /** Of this replica's memory. */
  memoryBytes: number;
  /** Without it each replica knows only what it has asked itself. */
  shared?: SharedAnswers | undefined;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/**
 * The last answers of platforms. A copy in memory answers at once; one in Redis serves a replica that has never asked.
 * Nothing waits for Redis but the answer that would not be there otherwise, and nothing fails because it is away.
 */
export class KnownAnswers {
  readonly #options: KnownAnswersOptions;
  readonly #memory: AnswerMemory;
  readonly #bytes: Gauge;
  /** When a question was shared, or looked for, last. */
  readonly #shared = new Map<string, number>();
  readonly #looked = new Map<string, number>();
  #awayUntilMs = Number.NEGATIVE_INFINITY;
  #told = false;

  constructor(options: KnownAnswersOptions) {
    this.#options = options;
    this.#memory = new AnswerMemory(options.memoryBytes);
    this.#bytes = options.metrics.gauge('known_answers_bytes', { help: 'Memory of answers that may be given again.' });
  }

  /** The answer to a question that was put at `askedAtMs`; undefined: the platform has refused it. */
  remember(question: KnownQuestion, reply: unknown, askedAtMs: number): void {
    if (this.#options.keepMs === 0) return;
    const text = reply === undefined ? undefined : JSON.stringify(reply);
    if (text !== undefined && text.length > LONGEST_ANSWER) {
      this.#memory.delete(question.key);
      return;
    }
    const answer = { text, observedAtMs: askedAtMs, readAtMs: question.readAtMs };
    // A refusal is noted in the place of an answer, and takes up no room of its own.
    if (text !== undefined || this.#memory.get(question.key)) this.#memory.put(question.key, answer);
    this.#bytes.set(this.#memory.bytes);
    this.#share(question, answer);
  }

  /** Undefined where nothing is known. */
  async recall(question: KnownQuestion): Promise<{ reply: unknown; observedAtMs: number } | undefined> {
    const now = this.#options.clock.now();
    const mine = this.#memory.get(question.key);
    const last = mine && now - mine.observedAtMs < LOOK_EVERY_MS ? mine : ((await this.#look(question)) ?? mine);
    if (last?.text === undefined || now - last.observedAtMs > this.#options.keepMs) return undefined;
    if (last.readAtMs <= question.notBeforeMs) return undefined;
    return { reply: JSON.parse(last.text), observedAtMs: last.observedAtMs };
  }

  /** The later one of memory and Redis. */
  async #look(question: KnownQuestion): Promise<KeptAnswer | undefined> {
    const { shared, clock } = this.#options;
    const now = clock.monotonicMs();
    if (!shared || now < this.#awayUntilMs || !due(this.#looked, question.key, now, LOOK_EVERY_MS)) return undefined;
    try {
      const found = await shared.get(question.key, question.owner);
      this.#back();
      if (found) this.#memory.put(question.key, found);
      return this.#memory.get(question.key);
    } catch (error) {
      this.#away(error);
      return undefined;
    }
  }

  #share(question: KnownQuestion, answer: KeptAnswer): void {
    const { shared, clock } = this.#options;
    const now = clock.monotonicMs();
    const refused = answer.text === undefined;
    if (!shared || now < this.#awayUntilMs) return;
    if (!due(this.#shared, question.key, now, refused ? 0 : SHARE_EVERY_MS)) return;
    shared.put(question.key, question.owner, answer, { instead: refused }).then(
      () => this.#back(),
      (error: unknown) => this.#away(error),
    );
  }

  #away(error: unknown): void {
    this.#awayUntilMs = this.#options.clock.monotonicMs() + AWAY_MS;
    if (!this.#told) this.#options.log.warn({ err: error }, 'answers cannot be shared; this replica has its own alone');
    this.#told = true;
  }

  #back(): void {
    if (this.#told) this.#options.log.info('answers are shared again');
    this.#told = false;
  }
}

const MOST_NOTES = 10_000;

/** Is it time again? Then it is noted. A full book begins anew: that costs Redis a few questions more. */
function due(book: Map<string, number>, key: string, nowMs: number, everyMs: number): boolean {
  const before = book.get(key);
  if (before !== undefined && nowMs - before < everyMs) return false;
  if (book.size >= MOST_NOTES) book.clear();
  book.set(key, nowMs);
  return true;
}
