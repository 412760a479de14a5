/** A place in the code where a test may end, break or stop the process. */
export interface FailpointPlace {
  /** The service that passes it; `adapter` is every adapter. */
  process: 'adapter' | 'telemetry-ingest' | 'api' | 'webhooks';
  /** What has happened when it is reached, and what has not. */
  at: string;
}

const place = (process: FailpointPlace['process'], at: string): FailpointPlace => ({ process, at });

/** Every failpoint of the house. A name that is not here does not compile; one that nothing passes fails the sweep. */
export const failpoints = {
  'after-fetch': place('adapter', 'an answer of the platform was read; nothing of it was mapped'),
  'after-map': place('adapter', 'a page was mapped; nothing of it was handed to the bus'),
  'after-publish-before-confirm': place('adapter', 'a message was handed to the bus, which has not confirmed it'),
  'after-confirm-before-checkpoint': place('adapter', 'the bus confirmed a page; its checkpoint is not saved'),
  'after-checkpoint': place('adapter', 'a checkpoint was saved'),
  'before-puback': place('adapter', 'the bus confirmed a streamed message; the platform has no acknowledgement yet'),
  'after-puback': place('adapter', 'a streamed message was acknowledged to the platform'),
  'in-token-refresh': place('adapter', 'the platform gave a token; nobody uses it yet'),
  'lease-lost': place('adapter', 'a lease turned out to be lost; what is free is not taken yet'),
  'after-claim-before-call': place('adapter', 'an order was claimed; the platform was not called'),
  'after-call-before-record': place('adapter', 'the platform answered an order; the answer is not recorded'),
  'after-deliver': place('telemetry-ingest', 'a message was delivered; nothing was done with it'),
  'after-seal': place('telemetry-ingest', 'a batch was sealed; it was given to no lane'),
  'after-enqueue-before-await': place('telemetry-ingest', 'Redis holds a copy of the batch; nobody waits for it yet'),
  'worker-before-begin': place('telemetry-ingest', 'a worker has a batch; its transaction has not begun'),
  'after-copy-before-commit': place('telemetry-ingest', 'all of a batch is written; nothing is committed'),
  'after-commit-before-complete': place('telemetry-ingest', 'a batch is committed; its owner does not know'),
  'after-complete-before-ack': place('telemetry-ingest', 'the owner knows of the commit; nothing is acknowledged'),
  'after-ack': place('telemetry-ingest', 'the messages of a batch were acknowledged'),
  'in-bisect': place('telemetry-ingest', 'the database refused a batch; the guilty message is looked for'),
  'after-park-before-ack': place('telemetry-ingest', 'a message is parked, and not acknowledged'),
  'after-commit-before-notify': place('api', 'an order is committed; whoever asked has no answer, no relay was woken'),
  'relay-after-publish-before-delete': place('api', 'messages of the outbox are with the bus, and still in the outbox'),
  'after-plan': place('webhooks', 'deliveries are put down; nobody was told'),
  'after-claim': place('webhooks', 'the turn to send is claimed; nothing was sent'),
  'after-send': place('webhooks', 'the receiver answered; the answer is not recorded'),
  'after-record': place('webhooks', 'a delivery is recorded as done'),
} as const satisfies Record<string, FailpointPlace>;

export type FailpointName = keyof typeof failpoints;

/** Undefined, at once, unless this very place is armed: then it does what it is armed to. */
export type Failpoint = (name: FailpointName) => Promise<void> | undefined;
