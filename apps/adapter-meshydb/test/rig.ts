import type { Checkpoint, Observation, TokenStore } from '@tributary/adapter-kit';
import { type Connected, connectAdapter, NO_LIMIT, never, run as runPoll } from '@tributary/adapter-kit/testing';
import { type EntityRecord, matchesFilter, parseFilter } from '@tributary/contracts';
import { type MeshydbOptions, type MeshydbSimulator, startMeshydb } from '@tributary/simulators';
import type { ManualClock } from '@tributary/testing';
import { adapter } from '../src/adapter.ts';
import { FILTER_FIELDS } from '../src/capabilities/entities.ts';

export { type Connected, collect, failureOf, never, pointsBy, truthBy } from '@tributary/adapter-kit/testing';

export interface ConnectOptions {
  settings?: Record<string, unknown>;
  credentials?: Record<string, string>;
  clock?: ManualClock;
  tokens?: TokenStore;
  /** As the platform's own budget has it: a 429 then counts. */
  budget?: { limit: number; per: string };
}

export interface Rig extends Connected {
  simulator: MeshydbSimulator;
  /** Another connection to the same simulator. */
  connect(options?: ConnectOptions): Connected;
  stop(): Promise<void>;
}

/** Nothing is written by itself, unless it is asked for. */
const quiet: MeshydbOptions = {
  port: 0,
  authPort: 0,
  controlPort: 0,
  devices: 3,
  workOrders: 0,
  historyMs: 0,
  retentionMs: 0,
  producing: false,
};

/** The adapter on a real kit, against a real simulator, in one process. */
export async function startRig(options: MeshydbOptions = {}, more: ConnectOptions = {}): Promise<Rig> {
  const simulator = await startMeshydb({ ...quiet, ...options });
  const open: Connected[] = [];
  const connect = (own: ConnectOptions = {}) => {
    const asked = { ...more, ...own };
    const settings = { ...simulator.demoConnection.settings, ...more.settings, ...own.settings };
    const connected = connectTo({ ...asked, settings }, asked.credentials ?? simulator.demoConnection.credentials);
    open.push(connected);
    return connected;
  };
  return {
    simulator,
    ...connect(),
    connect,
    stop: async () => {
      for (const connected of open) await connected.access.close();
      await simulator.stop();
    },
  };
}

function connectTo(
  { settings = {}, clock, tokens, budget }: ConnectOptions,
  credentials: Record<string, string>,
): Connected {
  return connectAdapter(adapter, {
    settings,
    credentials,
    budgets: { requests: { ...NO_LIMIT, ...budget } },
    ...(clock ? { clock } : {}),
    ...(tokens ? { sharedTokens: () => tokens } : {}),
  });
}

/** One run of a poll to its end. */
export const run = ({ adapter: connected }: Connected, poll: string, from?: Checkpoint) =>
  runPoll(connected.polls?.[poll], from);

/** What is said of entities, as `created 5d43…`. */
export const changesOf = (observations: readonly Observation[]): string[] =>
  observations.flatMap((one) => (one.type === 'entity' ? [`${one.change} ${one.entity.nativeId}`] : []));

export interface Search {
  type?: string;
  filter?: string;
  sort?: { field: string; descending: boolean }[];
  limit?: number;
  onPage?: (residual: string | undefined) => void | Promise<void>;
}

/** Walks all pages as the API does, and does what is left of the filter. */
export async function everything({ adapter: connected }: Connected, search: Search = {}): Promise<EntityRecord[]> {
  const { type = 'workorder', filter, sort = [], limit = 200, onPage } = search;
  const found: EntityRecord[] = [];
  let cursor: string | undefined;
  do {
    const asked = {
      sort,
      limit,
      ...(filter === undefined ? {} : { filter }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const page = await connected.entities?.query(type, asked, never);
    const left = page?.residualFilter === undefined ? undefined : parseFilter(page.residualFilter);
    found.push(...(page?.items ?? []).filter((item) => !left || matchesFilter(left, item, FILTER_FIELDS)));
    await onPage?.(page?.residualFilter);
    cursor = page?.nextCursor;
  } while (cursor !== undefined);
  return found;
}

export const idsOf = (records: readonly EntityRecord[]): string[] => records.map(({ nativeId }) => nativeId);
