import { Controller, Inject, Req, Res } from '@nestjs/common';
import { eventSelection, originSelection } from '@tributary/contracts';
import { CursorGone } from '@tributary/messaging';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { RequestUrl } from '../http/request-parts.ts';
import { nextLink } from '../lists/next-link.ts';
import type { LoggedEvent } from './event-source.ts';
import { listEvents, streamEvents } from './events.endpoints.ts';
import { logProblem } from './log-problem.ts';
import { eventFrame, resyncFrame, SseWriter } from './sse-stream.ts';

@Controller()
export class EventsController {
  constructor(@Inject(HOUSE) private readonly house: House) {}

  @Endpoint(listEvents)
  async list(
    @Input() { query }: InputOf<typeof listEvents>,
    @Caller() caller: CallerIdentity,
    @RequestUrl() url: string,
    @Gone() signal: AbortSignal,
  ) {
    const { limit, waitMs } = query;
    const read = {
      after: query.cursor ?? query.since ?? ('first' as const),
      ...selectionOf(query, caller),
      limit,
      waitMs,
      signal,
    };
    const { events, nextCursor } = await this.house.events.read(read).catch((error: unknown) => {
      throw logProblem(error, '/query/cursor');
    });
    const body = { items: events.map(({ cursor, event }) => ({ cursor, event })), page: { nextCursor } };
    return new Answer(body, { headers: { link: nextLink(url, nextCursor, ['since']) } });
  }

  @Endpoint(streamEvents)
  async stream(
    @Input() { query }: InputOf<typeof streamEvents>,
    @Caller() caller: CallerIdentity,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Gone() gone: AbortSignal,
  ): Promise<void> {
    const { cursor, since } = startOf(request, query);
    const selection = selectionOf(query, caller);
    if (request.method === 'HEAD') return void reply.header('content-type', 'text/event-stream; charset=utf-8').send();
    if (cursor !== undefined) await this.#checkCursor(cursor, gone);
    const end = cursor === undefined && since === undefined ? await this.#end(gone) : undefined;
    const signal = AbortSignal.any([gone, this.house.stopping]);
    this.#head(reply);
    const writer = new SseWriter(reply.raw, this.house.clock, signal);
    try {
      if (end !== undefined) writer.begin(end);
      await this.#follow(writer, cursor ?? since ?? end ?? 'last', selection, signal);
    } catch (error) {
      if (!signal.aborted) this.house.log.warn({ err: error }, 'an event stream broke off');
    } finally {
      writer.end();
    }
  }

  async #follow(
    writer: SseWriter,
    after: string | Date,
    selection: ReturnType<typeof selectionOf>,
    signal: AbortSignal,
  ): Promise<void> {
    let from = after;
    const passed = (event: LoggedEvent) => writer.passed(event.cursor);
    for (;;) {
      try {
        for await (const event of this.house.events.follow({ after: from, ...selection, passed, signal }))
          await writer.write(eventFrame(event));
        return;
      } catch (error) {
        if (!(error instanceof CursorGone) || signal.aborted) throw error;
        from = await this.#end(signal);
        await writer.write(resyncFrame(from));
      }
    }
  }

  /** Where the log ends now. */
  async #end(signal: AbortSignal): Promise<string> {
    try {
      return (await this.house.events.read({ after: 'last', limit: 1, filter: () => false, signal })).nextCursor;
    } catch (error) {
      throw logProblem(error, '/query/cursor');
    }
  }

  /** Garbage is told before the stream begins; a cursor that was ours once is a matter of the stream. */
  async #checkCursor(cursor: string, signal: AbortSignal): Promise<void> {
    try {
      await this.house.events.read({ after: cursor, limit: 1, filter: () => true, signal });
    } catch (error) {
      if (!(error instanceof CursorGone)) throw logProblem(error, '/header/last-event-id');
    }
  }

  #head(reply: FastifyReply): void {
    reply.hijack();
    const headers = reply.getHeaders();
    reply.raw.writeHead(200, {
      ...(headers as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
  }
}

function selectionOf(query: InputOf<typeof streamEvents>['query'], caller: CallerIdentity) {
  const { types, subject: subjects, connection: connectionId, platform } = query;
  const ofOrigin = originSelection(query.origins);
  return {
    filter: eventSelection(caller.workspace, { types, subjects, connectionId, platform }),
    ...(ofOrigin ? { accept: ({ event }: LoggedEvent) => ofOrigin(event) } : {}),
  };
}

function startOf(request: FastifyRequest, query: { cursor?: string | undefined; since?: Date | undefined }) {
  const last = request.headers['last-event-id'];
  // A browser that comes back repeats the URL it began with; where it was is in the header.
  const cursor = typeof last === 'string' && last !== '' ? last : query.cursor;
  return { cursor, since: cursor === undefined ? query.since : undefined };
}
