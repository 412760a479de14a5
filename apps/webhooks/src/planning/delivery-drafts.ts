import { CONTENT_TYPE } from '@tributary/contracts';
import type { DeliveryDraft } from '@tributary/database';

export const BATCH_CONTENT_TYPE = 'application/cloudevents-batch+json';

/** An event that is wanted, as the log has it. */
export interface WantedEvent {
  id: string;
  cursor: string;
  /** JSON. */
  text: string;
}

export interface DraftLimits {
  /** Several events in one delivery; without it each event has its own. */
  maxEvents?: number | undefined;
  /** Of a batch, in characters; an event that is larger alone goes alone. */
  maxCharacters: number;
}

/** The deliveries that `events` make, in order. `after`: the cursor before the first event, where that was one. */
export function draftsOf(events: readonly WantedEvent[], limits: DraftLimits, after: string | null): DeliveryDraft[] {
  const groups = limits.maxEvents === undefined ? events.map((event) => [event]) : grouped(events, limits);
  let before = after;
  return groups.map((group) => {
    const cursor = group.at(-1)?.cursor ?? before;
    const draft = { kind: 'events' as const, eventIds: group.map(({ id }) => id), after: before, cursor };
    before = cursor;
    return { ...draft, ...written(group, limits.maxEvents !== undefined) };
  });
}

/** Media type and body: CloudEvents in structured or batched mode, each event exactly as it was published. */
export function written(group: readonly { text: string }[], batched: boolean): { mediaType: string; body: string } {
  const texts = group.map(({ text }) => text);
  if (batched) return { mediaType: BATCH_CONTENT_TYPE, body: `[${texts.join(',')}]` };
  return { mediaType: CONTENT_TYPE, body: texts.join('') };
}

function grouped(events: readonly WantedEvent[], { maxEvents = 1, maxCharacters }: DraftLimits): WantedEvent[][] {
  const groups: WantedEvent[][] = [];
  let characters = 0;
  for (const event of events) {
    const last = groups.at(-1);
    if (last && last.length < maxEvents && characters + event.text.length <= maxCharacters) last.push(event);
    else {
      groups.push([event]);
      characters = 0;
    }
    characters += event.text.length;
  }
  return groups;
}
