import { Inject, Injectable } from '@nestjs/common';
import { isPlatformError, type ParkedPreview, type ParkPoints, type ParkVerdict } from '@tributary/contracts';
import { HOUSE, type House } from '../house.ts';
import { ProblemError } from '../http/problem-error.ts';
import { Parameters } from '../lists/sql.ts';
import { type ParkedSelection, selected } from './parked-selection.ts';

/** Messages of a group that one preview looks at: the oldest. */
const MOST = 50;
const DEADLINE_MS = 15_000;
const NO_POINTS: ParkPoints = { stored: 0, duplicate: 0, corrected: 0, superseded: 0, dropped: 0, parked: 0 };

/** What would become of parked messages if they were replayed now, as the intake says that would replay them. */
@Injectable()
export class ParkedPreviews {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  async one(id: string, signal: AbortSignal): Promise<ParkVerdict> {
    const [found] = await this.#ask([id], signal);
    if (!found) throw new ProblemError('conflict', 'The message is not parked any more.');
    return found.verdict;
  }

  async several(workspace: string, selection: ParkedSelection, signal: AbortSignal): Promise<ParkedPreview> {
    const parameters = new Parameters();
    const where = selected(workspace, selection, parameters);
    const { rows } = await this.#house.db.pool.query<{ id: string }>(
      `select p.id from parked_message p where ${where} order by p.parked_at, p.id limit ${MOST + 1}`,
      parameters.values,
    );
    const ids = rows.slice(0, MOST).map(({ id }) => id);
    const messages = ids.length === 0 ? [] : await this.#ask(ids, signal);
    return { ...summary(messages.map(({ verdict }) => verdict)), messages, more: rows.length > MOST };
  }

  async #ask(ids: string[], signal: AbortSignal) {
    try {
      return await this.#house.intake.preview(ids, { deadlineMs: this.#house.clock.now() + DEADLINE_MS, signal });
    } catch (error) {
      if (!isPlatformError(error)) throw error;
      throw new ProblemError('adapter-unavailable', 'The service that stores telemetry does not answer.', {
        retryAfterMs: 2_000,
        cause: error,
      });
    }
  }
}

function summary(verdicts: readonly ParkVerdict[]): Omit<ParkedPreview, 'messages' | 'more'> {
  const points = { ...NO_POINTS };
  const fits = { wholly: 0, partly: 0, not: 0 };
  for (const verdict of verdicts) {
    fits[verdict.fits] += 1;
    for (const name of Object.keys(points) as (keyof ParkPoints)[]) points[name] += verdict.points[name];
  }
  return { ...fits, points };
}
