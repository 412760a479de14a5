/** Everything that can happen, by area. Contracts only grow: a name is never taken away or given another meaning. */
export const actionsByArea = {
  telemetry: ['observed'],
  device: ['discovered', 'updated', 'removed', 'stale', 'recovered'],
  attribute: ['reported'],
  command: [
    'accepted',
    'dispatched',
    'acknowledged',
    'queued',
    'delivered',
    'confirmed',
    'failed',
    'rejected',
    'expired',
    'cancelled',
    'unknown',
  ],
  entity: ['created', 'updated', 'removed'],
  file: ['listed', 'available'],
  'platform-event': ['observed'],
  connection: ['connected', 'degraded', 'recovered', 'unauthorized', 'paused', 'removed'],
  backfill: ['started', 'progressed', 'completed', 'cancelled', 'failed'],
  subscription: ['paused', 'suspended', 'resumed', 'resynced', 'tested'],
  'parked-message': ['parked'],
} as const;

type Actions = typeof actionsByArea;
export type Area = keyof Actions;
export type EventName = { [A in Area]: `${A}.${Actions[A][number]}` }[Area];

/** Areas whose events tell of the house itself: no platform and no connection stands behind them. */
export type HouseArea = 'subscription' | 'parked-message';
export type HouseEventName = Extract<EventName, `${HouseArea}.${string}`>;
const houseAreas: readonly Area[] = ['subscription', 'parked-message'];
export const isHouseEvent = (name: EventName): name is HouseEventName =>
  houseAreas.some((area) => name.startsWith(`${area}.`));

export const areas = Object.keys(actionsByArea) as Area[];
export const eventNames = areas.flatMap((area) =>
  actionsByArea[area].map((action) => `${area}.${action}` as EventName),
);

/** CloudEvents `type` of version 1 of an event. */
export const eventType = (name: EventName): string => `io.tributary.${name}.v1`;

/** The event's name; undefined for a type that is not ours or of another version. */
export const eventNameOf = (type: string): EventName | undefined => eventNames.find((name) => eventType(name) === type);
