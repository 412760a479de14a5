import { HOUSE_PLATFORM } from './events/envelope.ts';
import { areas, type EventName, eventNames, type HouseEventName } from './events/names.ts';
import { WORD } from './words.ts';

export interface RoutingParts {
  workspace: string;
  event: EventName;
  platform: string;
  connectionId: string;
  /** Device, command, file or entity the event is about; the connection itself where there is none. */
  subjectId: string;
}

/** `<workspace>.<area>.<action>.<platform>.<connectionId>.<subjectId>`. Throws `RangeError` for a word that would not route. */
export function routingKey(parts: RoutingParts): string {
  const words = [parts.workspace, ...parts.event.split('.'), parts.platform, parts.connectionId, parts.subjectId];
  for (const word of words) {
    if (!WORD.test(word)) throw new RangeError(`"${word}" cannot be a word of a routing key`);
  }
  const key = words.join('.');
  if (key.length > 255) throw new RangeError('a routing key has at most 255 bytes');
  return key;
}

/** Stands where a connection's id would, in routing keys of the house's own events. */
const NO_CONNECTION = '-';

/** How an event of the house itself is routed. */
export const houseRouting = (workspace: string, event: HouseEventName, subjectId: string): RoutingParts => ({
  workspace,
  event,
  platform: HOUSE_PLATFORM,
  connectionId: NO_CONNECTION,
  subjectId,
});

/** The parts of a routing key of ours; undefined for anything else. */
export function parseRoutingKey(key: string): RoutingParts | undefined {
  const [workspace, area, action, platform, connectionId, subjectId, ...rest] = key.split('.');
  if (!workspace || !platform || !connectionId || !subjectId || rest.length > 0) return undefined;
  const event = eventNames.find((name) => name === `${area}.${action}`);
  return event ? { workspace, event, platform, connectionId, subjectId } : undefined;
}

/** What a consumer binds for all events of one area, of every workspace or of one. */
export const areaBinding = (area: (typeof areas)[number], workspace = '*'): string => `${workspace}.${area}.#`;
