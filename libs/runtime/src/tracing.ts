import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

const tracer = () => trace.getTracer('tributary');

/**
 * Starts exporting spans to an OTLP endpoint; without one every tracing call is free of effect, and the SDK is not even
 * loaded. The returned function flushes and stops.
 */
export async function startTracing(service: string, endpoint: string | undefined): Promise<() => Promise<void>> {
  if (!endpoint) return async () => {};
  const { exportSpans } = await import('./trace-export.ts');
  return exportSpans(service, endpoint);
}

export function currentTraceId(): string | undefined {
  return trace.getActiveSpan()?.spanContext().traceId;
}

/** W3C `traceparent` of the active span, for a message or a request that leaves this process. */
export function currentTraceparent(): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

export interface SpanOptions {
  kind?: 'internal' | 'client' | 'server' | 'producer' | 'consumer';
  /** `traceparent` that came with the message or request. */
  parent?: string | undefined;
  attributes?: Record<string, string | number | boolean>;
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/**
 * A span of work that many share, such as a batch of messages: begins now, and ends when the returned function is called.
 * It goes on with the trace that came with the message.
 */
export function openSpan(name: string, options: SpanOptions & { parent: string }): () => void {
  const parent = propagation.extract(context.active(), { traceparent: options.parent });
  const settings = { kind: KINDS[options.kind ?? 'internal'], attributes: options.attributes ?? {} };
  const span = tracer().startSpan(name, settings, parent);
  return () => span.end();
}

/** Runs `work` inside a span; a failure is recorded on it and thrown on. */
export async function withSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  const parent = options.parent
    ? propagation.extract(context.active(), { traceparent: options.parent })
    : context.active();
  const settings = { kind: KINDS[options.kind ?? 'internal'], attributes: options.attributes ?? {} };
  return tracer().startActiveSpan(name, settings, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'unknown' });
      throw error;
    } finally {
      span.end();
    }
  });
}
