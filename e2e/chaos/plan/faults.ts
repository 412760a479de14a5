import type { FailpointName } from '@tributary/runtime/failpoints';
import type { FaultInput, FaultScopeInput } from '@tributary/simulators';

/** Who stands behind a wire: the services that reach a backing service through one proxy. */
export const GROUPS = ['adapters', 'intake', 'facade'] as const;
export type Group = (typeof GROUPS)[number];
export const BACKINGS = ['postgres', 'rabbitmq', 'redis'] as const;
export type Backing = (typeof BACKINGS)[number];

/** Replies that may be lost although what they answer was done, and where they pass. */
export const REPLIES = {
  'publisher confirm': { group: 'adapters', backing: 'rabbitmq', direction: 'downstream' },
  'commit of points': { group: 'intake', backing: 'postgres', direction: 'downstream' },
  'commit of a checkpoint': { group: 'adapters', backing: 'postgres', direction: 'downstream' },
  'commit of a command': { group: 'facade', backing: 'postgres', direction: 'downstream' },
  'consumer ack': { group: 'intake', backing: 'rabbitmq', direction: 'upstream' },
} as const satisfies Record<string, { group: Group; backing: Backing; direction: 'upstream' | 'downstream' }>;
export type Reply = keyof typeof REPLIES;

/** Kinds of messages that nobody can store; each has the reason with which it must be parked. */
export const POISONS = {
  'cut json': 'json',
  'not utf-8': 'encoding',
  'no event': 'schema',
  'number beyond all numbers': 'schema',
  'time that is none': 'schema',
  'too deep': 'json',
  'another connection than its key': 'mismatch',
  'prototype of everything': 'schema',
} as const;
export type Poison = keyof typeof POISONS;

/** How long something lasts: until the platforms have produced so many points more. */
interface Lasting {
  forPoints: number;
}

/** What goes wrong. Plain data: a plan can be printed, kept and given again. */
export type Fault =
  | { kind: 'kill'; service: string }
  | { kind: 'restart'; service: string }
  | ({ kind: 'pause'; service: string } & Lasting)
  | ({ kind: 'failpoint'; service: string; place: FailpointName; hit: number } & Lasting)
  | ({ kind: 'clock'; service: string; offsetMs: number } & Lasting)
  | ({ kind: 'broker-kill' } & Lasting)
  | { kind: 'broker-restart' }
  | { kind: 'broker-close-connections' }
  | ({ kind: 'broker-alarm'; resource: 'memory' | 'disk' } & Lasting)
  | ({ kind: 'database-stop' } & Lasting)
  | { kind: 'database-terminate' }
  | ({ kind: 'database-read-only' } & Lasting)
  | ({ kind: 'database-full' } & Lasting)
  | { kind: 'cache-flush'; times: number }
  | ({ kind: 'cache-kill' } & Lasting)
  | ({ kind: 'cache-full' } & Lasting)
  | { kind: 'lost-reply'; reply: Reply; afterBytes: number; times: number }
  | ({ kind: 'wire'; group: Group; backing: Backing; way: 'latency' | 'black-hole' | 'reset' | 'refuse' } & Lasting)
  | ({ kind: 'vendor'; platform: string; fault: FaultInput; scope: FaultScopeInput } & Lasting)
  | { kind: 'poison'; poison: Poison; copies: number }
  | ({ kind: 'pause-connection'; platform: string } & Lasting)
  | { kind: 'edit-connection'; platform: string };

export type FaultKind = Fault['kind'];

/** What a plan is keyed to: never to time, which passes otherwise on every machine. */
export const MEASURES = ['stored', 'produced', 'ordered'] as const;
export type Measure = (typeof MEASURES)[number];

export interface Planned {
  /** Position in the plan, from 1. */
  number: number;
  at: { measure: Measure; count: number };
  fault: Fault;
}

/** One line for people. */
export function describeFault(fault: Fault): string {
  const { kind, forPoints, ...rest } = { forPoints: undefined, ...fault } as Fault & { forPoints?: number };
  const words = Object.values(rest).map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)));
  const lasting = forPoints === undefined ? [] : [`until ${forPoints} more points are produced`];
  return [kind, ...words, ...lasting].join(' · ');
}
