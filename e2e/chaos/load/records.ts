import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Progress } from '../progress.ts';
import type { World } from '../world/world.ts';

/** A record that somebody asked to be made at a platform. */
export interface WrittenRecord {
  marker: string;
  /** Whether the api said that it was made. */
  answered: boolean;
}

const POINTS_PER_RECORD = 150;
const EVERY_MS = 100;
const PLATFORM = 'meshydb';
const TYPE = 'workorder';

/** Makes records at a platform while everything else goes on, each with a mark of its own. */
export class RecordLoad {
  readonly written: WrittenRecord[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async run(progress: Progress, signal: AbortSignal): Promise<void> {
    const answers: Promise<void>[] = [];
    for (let count = 0; !signal.aborted; await delay(EVERY_MS)) {
      for (; count < Math.floor(progress.produced / POINTS_PER_RECORD); count += 1) answers.push(this.#write());
    }
    await Promise.all(answers);
  }

  /** How often the platform has a record with this mark. */
  async found(marker: string): Promise<number> {
    const platform = this.#world.platforms.find((one) => one.platform === PLATFORM);
    const documents = await platform?.simulator.actions.run('documents', {
      mesh: TYPE,
      filter: `{"title":"${marker}"}`,
    });
    return (documents as unknown[] | undefined)?.length ?? 0;
  }

  async #write(): Promise<void> {
    const record: WrittenRecord = { marker: `campaign ${randomUUID()}`, answered: false };
    this.written.push(record);
    const [connection] = this.#world.connectionsTo(PLATFORM);
    if (!connection) return;
    const path = { connectionId: connection.id, type: TYPE };
    const body = { attributes: { title: record.marker } };
    try {
      await this.#world.api('default').post('/v1/connections/{connectionId}/entities/{type}', {
        path,
        body,
        idempotencyKey: randomUUID(),
        retries: false,
      });
      record.answered = true;
    } catch {
      // Whether it was made is not known; that is what `answered` says.
    }
  }
}
