import { parseRoutingKey } from '../routing.ts';
import type { Origin } from '../words.ts';

/** What a caller wants to see; what is absent does not restrict. */
export interface EventWishes {
  /** Names such as `telemetry.observed`, or areas such as `telemetry`. */
  types?: string[] | undefined;
  /** Ids of devices, commands, files or connections. */
  subjects?: string[] | undefined;
  connectionId?: string | undefined;
  platform?: string | undefined;
}

/** A test of events: those whose data came from one of the origins; absent, any. */
export function originSelection(origins: readonly Origin[] | undefined): ((event: unknown) => boolean) | undefined {
  if (!origins) return undefined;
  const wanted = new Set<unknown>(origins);
  return (event) => typeof event === 'object' && event !== null && 'origin' in event && wanted.has(event.origin);
}

/**
 * A test of routing keys: the caller's workspace first, so that nobody sees what is another's, then the wishes. The
 * event itself is not looked at.
 */
export function eventSelection(workspace: string, wishes: EventWishes): (routingKey: string) => boolean {
  const fence = `${workspace}.`;
  const types = wishes.types ? new Set(wishes.types) : undefined;
  const subjects = wishes.subjects ? new Set(wishes.subjects) : undefined;
  const all = !types && !subjects && !wishes.connectionId && !wishes.platform;
  return (routingKey) => {
    if (!routingKey.startsWith(fence)) return false;
    const parts = parseRoutingKey(routingKey);
    if (!parts) return false;
    if (all) return true;
    if (types && !types.has(parts.event) && !types.has(parts.event.split('.', 1)[0] ?? '')) return false;
    if (subjects && !subjects.has(parts.subjectId)) return false;
    if (wishes.connectionId && parts.connectionId !== wishes.connectionId) return false;
    return !wishes.platform || parts.platform === wishes.platform;
  };
}
