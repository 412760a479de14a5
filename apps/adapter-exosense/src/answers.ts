import type { VendorAnswer } from '@tributary/adapter-kit';
import { MalformedResponseError } from '@tributary/contracts';
import { z } from 'zod';
import { type Cost, cost, envelope, type Failure, failure } from './wire.ts';

/** Execution after which the vendor ends a request, milliseconds. */
export const CUT_OFF_MS = 10_000;

/** A body as it was read; undefined members were absent or of another form. */
export interface Body {
  data: Record<string, unknown> | undefined;
  errors: Failure[];
  cost: Cost;
}

export interface Answer {
  data: Record<string, unknown>;
  errors: Failure[];
  /** Execution time as the platform reports it. */
  executionMs: number | undefined;
  /** The platform's clock when it answered, in whole seconds; undefined where it does not say. */
  platformTimeMs: number | undefined;
}

/** Several layers look at one answer; it is read once. */
const bodies = new WeakMap<VendorAnswer, Body | undefined>();

/** Undefined where the body is no GraphQL answer. */
export function bodyOf(answer: VendorAnswer): Body | undefined {
  if (!bodies.has(answer)) bodies.set(answer, readBody(answer.text));
  return bodies.get(answer);
}

/** Throws `MalformedResponseError` where there is no data. */
export function readAnswer(operation: string, answer: VendorAnswer): Answer {
  const body = bodyOf(answer);
  if (!body?.data) throw new MalformedResponseError(`${operation}: expected an object with data`);
  return {
    data: body.data,
    errors: body.errors,
    executionMs: executionOf(body.cost),
    platformTimeMs: Date.parse(answer.headers.date ?? '') || undefined,
  };
}

/** What the call really cost. One that the vendor cut off has cost all that a request may. */
export function reported(answer: VendorAnswer): Record<string, number> | undefined {
  if (answer.status === 504) return { execution: CUT_OFF_MS };
  const executionMs = executionOf(bodyOf(answer)?.cost ?? {});
  return executionMs === undefined ? undefined : { execution: executionMs };
}

/** The vendor's own meter of the rolling window. */
export function metered(answer: VendorAnswer): Record<string, { spent: number; limit?: number }> | undefined {
  const { rateUsage, rateLimits } = bodyOf(answer)?.cost ?? {};
  if (!rateUsage) return undefined;
  const readings = (['requests', 'time'] as const).flatMap((name) => {
    const spent = rateUsage[name];
    const limit = rateLimits?.[name];
    const budget = name === 'time' ? 'execution' : name;
    return spent === undefined ? [] : [[budget, { spent, ...(limit === undefined ? {} : { limit }) }] as const];
  });
  return Object.fromEntries(readings);
}

/** Quirk: `errors` is there only if there were errors, `extensions` not always (API page, "Responses"). */
function readBody(text: string): Body | undefined {
  const read = envelope.safeParse(parse(text));
  if (!read.success) return undefined;
  const { data, errors, extensions } = read.data;
  return {
    data: data ?? undefined,
    errors: (errors ?? []).map((error) => failure.catch({ message: '' }).parse(error)),
    cost: withCost.parse(extensions).cost ?? {},
  };
}

const withCost = z.object({ cost: cost.optional() }).catch({});

const executionOf = ({ usage, time }: Cost): number | undefined => usage?.time ?? time;

function parse(text: string): unknown {
  try {
    // Numbers here are doubles and exact values are texts: nothing is lost by the ordinary reading.
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
