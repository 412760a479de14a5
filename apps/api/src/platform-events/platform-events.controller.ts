import { Controller, Inject } from '@nestjs/common';
import { type PlatformEventResource, platformEventResource } from '@tributary/contracts';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { RequestUrl } from '../http/request-parts.ts';
import { chooseFields } from '../lists/choose-fields.ts';
import { pageAnswer, readList } from '../lists/read-list.ts';
import { NEWEST_FIRST, type PlatformEventRow, platformEventList, presentPlatformEvent } from './platform-event-rows.ts';
import { listPlatformEvents } from './platform-events.endpoints.ts';

@Controller()
export class PlatformEventsController {
  constructor(@Inject(HOUSE) private readonly house: House) {}

  @Endpoint(listPlatformEvents)
  async list(
    @Input() { query }: InputOf<typeof listPlatformEvents>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ) {
    const choose = chooseFields(query.fields, platformEventResource);
    const { items, page } = await readList<PlatformEventRow, PlatformEventResource>(this.house.db, {
      definition: platformEventList,
      request: { ...query, sort: query.sort ?? NEWEST_FIRST },
      conditions: (parameters) => [
        `e.workspace_id = ${parameters.add(caller.workspace, 'text')}`,
        'c.removed_at is null',
      ],
      present: presentPlatformEvent,
    });
    return pageAnswer({ items: items.map(choose), page }, url);
  }
}
