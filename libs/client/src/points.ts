import { jsonLines } from './json-lines.ts';
import type { components } from './openapi/paths.ts';
import { type RetryLimits, waitMs } from './retry-policy.ts';
import { textChunks } from './text-chunks.ts';
import { askedOf, type Call, type Transport } from './transport.ts';
import { TributaryError } from './tributary-error.ts';

export type Point = components['schemas']['RawPoint'];

/** Half-open: `[from, to)`; `to` is now where it is left out. */
export interface PointRange {
  from: Date | string;
  to?: Date | string | undefined;
  order?: 'asc' | 'desc' | undefined;
}

export interface PointOptions extends PointRange {
  signal?: AbortSignal;
  /** Most milliseconds between one piece of the stream and the next. */
  timeoutMs?: number;
}

export interface PointSource {
  transport: Transport;
  call: (range: PointRange) => Call;
  silenceMs: number;
  retries: RetryLimits;
}

/**
 * Every point of a range in order, streamed: memory does not grow with the range. A stream that is cut goes on after the
 * last point that came; a series has one point at a time, so none comes twice.
 */
export async function* streamPoints(source: PointSource, range: PointRange): AsyncGenerator<Point, void, undefined> {
  const { transport, retries } = source;
  const { clock, random } = transport;
  let rest = range;
  let last: string | undefined;
  for (let failures = 0; ; ) {
    try {
      for await (const point of onePart(source, rest)) {
        if (point.ts === last) continue;
        last = point.ts;
        failures = 0;
        yield point;
      }
      return;
    } catch (error) {
      failures += 1;
      if (!(error instanceof TributaryError) || !error.retryable || failures >= retries.attempts) throw error;
      if (last !== undefined) rest = range.order === 'desc' ? { ...range, to: last } : { ...range, from: last };
      await clock.sleep(waitMs(failures, error, retries, random), source.call(rest).signal);
    }
  }
}

async function* onePart({ transport, call, silenceMs }: PointSource, range: PointRange): AsyncGenerator<Point> {
  const asked = call(range);
  const { body } = await transport.open(asked);
  try {
    for await (const value of jsonLines(textChunks(body, silenceMs))) yield value as Point;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // A gateway may end what was cut as if it were whole: then the last line is a piece.
    const detail = 'a line is no JSON';
    throw new TributaryError(askedOf(asked), { code: 'unreadable', detail, retryable: true, cause: error });
  }
}
