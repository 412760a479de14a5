import { Controller, Inject, Req, Res } from '@nestjs/common';
import { CursorGone, CursorInvalid, EventLogUnavailable, MessagingClosed } from '@tributary/messaging';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { badRequest, ProblemError } from '../http/problem-error.ts';
import { RequestUrl } from '../http/request-parts.ts';
import { eventSelection } from './event-selection.ts';
import { listEvents, streamEvents } from './events.endpoints.ts';
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
      filter: selectionOf(query, caller),
      limit,
      waitMs,
      signal,
    };
    const { events, nextCursor } = await this.house.events.read(read).catch((error: unknown) => {
      throw logProblem(error, '/query/cursor');
    });
    const body = { items: events.map(({ cursor, event }) => ({ cursor, event })), page: { nextCursor } };
    return new Answer(body, { headers: { link: nextLink(url, nextCursor) } });
  }

  @Endpoint(streamEvents)
  async stream(
    @Input() { query }: InputOf<typeof streamEvents>,
    @Caller() caller: CallerIdentity,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Gone() gone: AbortSignal,
  ): Promise<void> {
    const after = startOf(request, query);
    const filter = selectionOf(query, caller);
    if (request.method === 'HEAD') return void reply.header('content-type', 'text/event-stream; charset=utf-8').send();
    if (after.cursor !== undefined) await this.#checkCursor(after.cursor, gone);
    const signal = AbortSignal.any([gone, this.house.stopping]);
    this.#head(reply);
    const writer = new SseWriter(reply.raw, this.house.clock, signal);
    try {
      await this.#follow(writer, after.cursor ?? after.since ?? 'last', filter, signal);
    } catch (error) {
      if (!signal.aborted) this.house.log.warn({ err: error }, 'an event stream broke off');
    } finally {
      writer.end();
    }
  }

  async #follow(
    writer: SseWriter,
    after: string | Date,
    filter: (key: string) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    let from = after;
    for (;;) {
      try {
        for await (const event of this.house.events.follow({ after: from, filter, signal }))
          await writer.write(eventFrame(event));
        return;
      } catch (error) {
        if (!(error instanceof CursorGone) || signal.aborted) throw error;
        await writer.write(resyncFrame());
        from = 'last';
      }
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

const selectionOf = (query: InputOf<typeof streamEvents>['query'], caller: CallerIdentity) =>
  eventSelection(caller.workspace, {
    types: query.types,
    subjects: query.subject,
    connectionId: query.connection,
    platform: query.platform,
  });

function startOf(request: FastifyRequest, query: { cursor?: string | undefined; since?: Date | undefined }) {
  const last = request.headers['last-event-id'];
  // A browser that comes back repeats the URL it began with; where it was is in the header.
  const cursor = typeof last === 'string' && last !== '' ? last : query.cursor;
  return { cursor, since: cursor === undefined ? query.since : undefined };
}

function logProblem(error: unknown, at: string): unknown {
  if (error instanceof CursorInvalid)
    return badRequest([{ pointer: at, detail: 'This is no cursor of the event log.' }]);
  if (error instanceof CursorGone)
    return new ProblemError('gone', 'The events after this cursor are no longer kept; begin again without it.');
  if (error instanceof EventLogUnavailable || error instanceof MessagingClosed) {
    return new ProblemError('events-unavailable', 'The event log cannot be read at the moment.', {
      retryAfterMs: 2_000,
    });
  }
  return error;
}

function nextLink(url: string, cursor: string): string {
  const [path = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.delete('since');
  parameters.set('cursor', cursor);
  return `<${path}?${parameters}>; rel="next"`;
}
