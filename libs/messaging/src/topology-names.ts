/** The names of everything on the broker, for one namespace. */
export interface TopologyNames {
  /** Topic exchange that all events go to. */
  readonly events: string;
  /** Alternate exchange of `events` and the queue of what no queue wanted. */
  readonly unrouted: string;
  /** Stream queue that keeps every event for replay. */
  readonly eventLog: string;
  /** Fanout exchange of dead letters. */
  readonly dead: string;
  readonly ingestTelemetry: string;
  readonly ingestProjections: string;
  readonly ingestDead: string;
  /** What adapters could not publish, on its way to where it is parked. */
  readonly ingestItems: string;
  /** Requests to put a parked message through the intake again: `{ parkedId }`. */
  readonly ingestReplays: string;
  adapterCommands(platform: string): string;
  adapterRequests(platform: string): string;
}

export function topologyNames(namespace: string): TopologyNames {
  return {
    events: `${namespace}.events`,
    unrouted: `${namespace}.unrouted`,
    eventLog: `${namespace}.events.log`,
    dead: `${namespace}.dead`,
    ingestTelemetry: `${namespace}.ingest.telemetry`,
    ingestProjections: `${namespace}.ingest.projections`,
    ingestDead: `${namespace}.ingest.dead`,
    ingestItems: `${namespace}.ingest.items`,
    ingestReplays: `${namespace}.ingest.replays`,
    adapterCommands: (platform) => `${namespace}.adapter.${platform}.commands`,
    adapterRequests: (platform) => `${namespace}.adapter.${platform}.requests`,
  };
}
