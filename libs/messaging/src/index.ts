export { Broker, type BrokerOptions } from './broker.ts';
export { brokerConfig, brokerOptions } from './broker-config.ts';
export type { Delivery } from './consumer/delivery.ts';
export type { ConsumeOptions, Consumer, DeliveryHandler } from './consumer/queue-consumer.ts';
export { CursorGone, CursorInvalid, EventLogUnavailable, MessagingClosed } from './errors.ts';
export { FIRST_CURSOR } from './event-log/cursor.ts';
export {
  EventLog,
  type EventLogOptions,
  type FollowQuery,
  type LogPage,
  type LogQuery,
  type LogStart,
  type ReadQuery,
} from './event-log/event-log.ts';
export type { FindQuery, FoundEvent } from './event-log/find-event.ts';
export type { LoggedEvent } from './event-log/log-entry.ts';
export type { EventPublisher } from './publisher/confirmed-publisher.ts';
export type { SendOptions } from './publisher/outgoing-message.ts';
export { RequestClient, type RequestClientOptions, type RequestOptions } from './requests/request-client.ts';
export {
  type RequestContext,
  type RequestHandler,
  type RequestHandlers,
  type RequestServer,
  type ServeRequestsOptions,
  serveRequests,
} from './requests/serve-requests.ts';
export { DELIVERY_LIMIT, type EventLogRetention } from './topology.ts';
export { type TopologyNames, topologyNames } from './topology-names.ts';
