import { Inject, Injectable } from '@nestjs/common';
import { inTransaction, type EntityNews as News, tellOfEntity } from '@tributary/database';
import type { CallerIdentity } from '../auth/caller.ts';
import type { ConnectionRow } from '../connections/connection-rows.ts';
import { traceparentOf } from '../gateway/platform-gateway.ts';
import { HOUSE, type House } from '../house.ts';

/**
 * Tells the bus of what was changed on a platform through this API. The platform has taken the change by then, and
 * nothing can undo it: where the outbox cannot be written the request is answered all the same, and the log says what
 * was not told. An adapter that compares records sees the change later by itself and tells it once more, with a greater
 * rev and the same attributes.
 */
@Injectable()
export class EntityNews {
  constructor(@Inject(HOUSE) private readonly house: House) {}

  async tell(
    caller: CallerIdentity,
    { id, platform }: Pick<ConnectionRow, 'id' | 'platform'>,
    news: Pick<News, 'action' | 'entity'>,
    traceId: string,
  ): Promise<void> {
    const { db, clock, log } = this.house;
    const about = { workspace: caller.workspace, platform, connectionId: id, action: news.action };
    try {
      await inTransaction(db.pool, (tx) =>
        tellOfEntity(tx, {
          ...about,
          entity: news.entity,
          at: new Date(clock.now()),
          traceparent: traceparentOf(traceId),
        }),
      );
    } catch (error) {
      log.error({ err: error, traceId, ...about }, 'a change of a record was made and could not be told');
    }
  }
}
