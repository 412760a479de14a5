export type {
  CallControls,
  ChangeablePath,
  ChangeOptions,
  Data,
  ItemOf,
  ListPath,
  Method,
  Options,
  PathOf,
  Recipe,
} from './call-types.ts';
export { TributaryClient } from './client.ts';
export type { Clock } from './clock.ts';
export { type ClientOptions, createClient, type Surroundings } from './create-client.ts';
export { EventStream } from './events/event-stream.ts';
export type {
  Chosen,
  EventArea,
  EventName,
  EventOptions,
  EventWishes,
  LoggedEvent,
  Resync,
  TributaryEvent,
} from './events/event-types.ts';
export type { JsonValue } from './json-value.ts';
export { type Page, PagedList } from './pages.ts';
export type { Point, PointOptions, PointRange } from './points.ts';
export type { Answer } from './read-json.ts';
export { defaultRetries, type RetryOptions } from './retry-policy.ts';
export type { Schemas } from './schemas.ts';
export { type AskedOf, type Fault, type LocalCode, type Problem, TributaryError } from './tributary-error.ts';
export type { Command, CommandState, WaitForCommandOptions } from './wait-for-command.ts';
