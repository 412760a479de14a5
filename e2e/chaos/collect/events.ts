import type { EventFact, EventFacts } from '../check/facts.ts';
import { type Company, SUBSCRIBED_AREAS } from '../load/company.ts';
import { WORKSPACES, type Workspace, type World } from '../world/world.ts';

interface LoggedEvent {
  id: string;
  type: string;
  source: string;
  data: { commandId?: string };
}

interface TransitionRow extends Record<string, unknown> {
  workspace_id: string;
  command_id: string;
  state: string;
}

const TRANSITIONS = `
  select c.workspace_id, t.command_id, t.state from command_transition t join command c on c.id = t.command_id
  order by t.command_id, t.step`;

/** The event log of each workspace as its key reads it, and who has heard what of it. */
export async function collectEvents(
  world: World,
  company: Company,
): Promise<{ events: EventFacts[]; leaks: string[] }> {
  const rows = await world.database.query<TransitionRow>(TRANSITIONS);
  const leaks: string[] = [];
  const events: EventFacts[] = [];
  for (const workspace of WORKSPACES) {
    const items = await world
      .api(workspace)
      .list('/v1/events', { query: { limit: 1_000 } })
      .all();
    const logged = items.map(({ event }) => event as unknown as LoggedEvent);
    leaks.push(
      ...logged
        .filter((event) => world.logs.hasSecret(JSON.stringify(event)))
        .map(({ id }) => `event ${id} holds a secret`),
    );
    events.push({
      workspace,
      connections: new Set(world.connections.filter((one) => one.workspace === workspace).map(({ id }) => id)),
      log: firstOf(logged),
      transitions: transitionsOf(rows, workspace),
      ...(workspace === 'default'
        ? { heard: company.listener.ids, delivered: { ids: company.receiver.ids, areas: SUBSCRIBED_AREAS } }
        : {}),
    });
  }
  return { events, leaks };
}

/** A relay that died between publishing and deleting sends again, under the same id. */
function firstOf(logged: readonly LoggedEvent[]): EventFact[] {
  const first = new Map<string, EventFact>();
  for (const { id, type, source, data } of logged) {
    if (first.has(id)) continue;
    const name = type.replace(/^io\.tributary\./, '').replace(/\.v\d+$/, '');
    first.set(id, { id, name, source, ...(data.commandId === undefined ? {} : { commandId: data.commandId }) });
  }
  return [...first.values()];
}

const transitionsOf = (rows: readonly TransitionRow[], workspace: Workspace): Map<string, string[]> =>
  new Map(
    [
      ...Map.groupBy(
        rows.filter((row) => row.workspace_id === workspace),
        (row) => row.command_id,
      ),
    ].map(([id, of]) => [id, of.map(({ state }) => state)]),
  );
