import type { Area, TributaryEvent } from '@tributary/contracts';
import type { Applied, EventContext } from '@tributary/database';

/** An event with what its envelope says of it. */
export interface ProjectedEvent {
  area: Area;
  /** Second half of the event's name. */
  action: string;
  context: EventContext;
  data: TributaryEvent['data'];
}

/**
 * Keeps one part of the database as the events of its area say. Applying an event twice, or after a newer one, changes
 * nothing. Rejects with what the database said.
 */
export type Projection = (event: ProjectedEvent) => Promise<Applied>;
