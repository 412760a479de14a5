import { z } from 'zod';

const when = z.enum(['before', 'after']).default('before');

/** What can go wrong. Times of network faults are real milliseconds, whatever the scenario's clock does. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('latency'), ms: z.number().min(0), jitterMs: z.number().min(0).default(0) }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int().min(100).max(599),
    /** The vendor's own form of this status when absent. */
    body: z.unknown().optional(),
    contentType: z.string().optional(),
    headers: z.record(z.string(), z.string()).default({}),
    /** `after`: the vendor has done the work, the caller does not learn it. */
    when,
  }),
  /** TCP RST, either at once or after so many bytes of the answer's body. */
  z.strictObject({ kind: z.literal('reset'), when, afterBytes: z.number().int().min(0).optional() }),
  z.strictObject({
    kind: z.literal('malformed'),
    as: z
      .enum(['garbage', 'html', 'empty', 'cut', 'null', 'array', 'deep', 'proto', 'huge-number', 'gzip-bomb'])
      .default('garbage'),
  }),
  /** Changes members of a JSON answer by JSON Pointer; without `value` the member is removed. */
  z.strictObject({
    kind: z.literal('rewrite'),
    changes: z.array(z.strictObject({ pointer: z.string(), value: z.unknown().optional() })).min(1),
  }),
  /** Members of these names, wherever they are in a JSON answer, have this value: another form than the documents say. */
  z.strictObject({ kind: z.literal('garble'), members: z.array(z.string().min(1)).min(1), value: z.unknown() }),
  /** Announces the whole body, sends a part of it, closes. Half of it by default. */
  z.strictObject({ kind: z.literal('truncated'), afterBytes: z.number().int().min(0).optional() }),
  z.strictObject({ kind: z.literal('slow-body'), bytesPerSecond: z.number().positive() }),
  /** Every request is one too many. */
  z.strictObject({ kind: z.literal('rate-limit'), retryAfterSeconds: z.number().min(0).optional() }),
  /** A real limiter: so many requests per rolling window of scenario time. */
  z.strictObject({
    kind: z.literal('limiter'),
    requests: z.number().int().positive(),
    perMs: z.number().positive(),
    retryAfter: z.boolean().default(true),
    by: z.enum(['credential', 'all']).default('credential'),
  }),
  z.strictObject({
    kind: z.literal('outage'),
    /** Nobody listens; connections are accepted and dropped; connections are accepted and nothing is answered. */
    mode: z.enum(['refuse', 'close', 'hang']).default('refuse'),
    listeners: z.array(z.string()).optional(),
  }),
  z.strictObject({ kind: z.literal('expire-tokens') }),
  /** Drops streaming sessions: all, or those of one client id or device. */
  z.strictObject({ kind: z.literal('cut-streams'), client: z.string().optional() }),
]);

const text = z.union([z.string(), z.array(z.string()).min(1)]);

/** Where and how often. `*` in a pattern stands for any run of characters. */
export const scopeSchema = z.strictObject({
  protocol: z.enum(['http', 'mqtt']).optional(),
  /** Operation ids such as `OPTI-07`, or patterns. */
  operation: text.optional(),
  method: text.optional(),
  path: text.optional(),
  /** Fingerprint of a credential, as the journal shows it. */
  credential: z.string().optional(),
  /** Lets so many matching requests pass first. */
  skip: z.number().int().min(0).default(0),
  count: z.number().int().positive().optional(),
  probability: z.number().min(0).max(1).default(1),
  seed: z.number().int().default(1),
  /** Ends after so many milliseconds of scenario time. */
  forMs: z.number().positive().optional(),
});

export type Fault = z.output<typeof faultSchema>;
export type FaultInput = z.input<typeof faultSchema>;
export type FaultKind = Fault['kind'];
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;
export type FaultScope = z.output<typeof scopeSchema>;
export type FaultScopeInput = z.input<typeof scopeSchema>;
