import { Controller, Inject } from '@nestjs/common';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { ConnectionStore } from '../connections/connection-store.ts';
import { HOUSE, type House } from '../house.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { badRequest } from '../http/problem-error.ts';
import { RequestUrl } from '../http/request-parts.ts';
import { nextLink } from '../lists/next-link.ts';
import { getConnectionConservation, getConservation } from './conservation.endpoints.ts';
import { presentCounts, presentMinute, stateOf } from './conservation-rows.ts';
import { type AccountQuery, ConservationStore } from './conservation-store.ts';

type Query = InputOf<typeof getConnectionConservation>['query'];

const HOUR_MS = 3_600_000;

@Controller()
export class ConservationController {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(ConservationStore) private readonly store: ConservationStore,
    @Inject(ConnectionStore) private readonly connections: ConnectionStore,
  ) {}

  @Endpoint(getConservation)
  all(
    @Input() { query }: InputOf<typeof getConservation>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ): Promise<Answer> {
    return this.#answer(
      { workspace: caller.workspace, connectionId: query.connectionId, state: query.state },
      query,
      url,
    );
  }

  @Endpoint(getConnectionConservation)
  async ofConnection(
    @Input() { params, query }: InputOf<typeof getConnectionConservation>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
  ): Promise<Answer> {
    const { id } = await this.connections.get(caller.workspace, params.connectionId);
    return this.#answer({ workspace: caller.workspace, connectionId: id, state: query.state }, query, url);
  }

  async #answer(wanted: Omit<AccountQuery, 'fromMs' | 'toMs'>, query: Query, url: string): Promise<Answer> {
    const { fromMs, toMs } = query.cursor ? this.store.rangeOf(wanted, query.cursor) : this.#range(query);
    const account = { ...wanted, fromMs, toMs };
    const [sum, { minutes, nextCursor }] = await Promise.all([
      this.store.totals(account),
      this.store.page(account, query),
    ]);
    const body = {
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      state: stateOf(sum),
      totals: presentCounts(sum),
      items: minutes.map(presentMinute),
      page: nextCursor === undefined ? {} : { nextCursor },
    };
    if (nextCursor === undefined) return new Answer(body);
    return new Answer(body, { headers: { link: nextLink(url, nextCursor) } });
  }

  #range({ from, to }: Pick<Query, 'from' | 'to'>): { fromMs: number; toMs: number } {
    const toMs = to?.getTime() ?? this.house.clock.now();
    const fromMs = from?.getTime() ?? toMs - HOUR_MS;
    if (fromMs >= toMs) throw badRequest([{ pointer: '/query/from', detail: 'must be before `to`' }]);
    return { fromMs, toMs };
  }
}
