import { setTimeout as delay } from 'node:timers/promises';
import type { AccountFacts } from '../check/facts.ts';
import { WORKSPACES, type World } from '../world/world.ts';

const HOURS_MS = 6 * 3_600_000;
const ROWS = 'select s.workspace_id as w, count(*) as n from point p join series s on s.id = p.series_id group by 1';

/** The account of each workspace as the api tells it: over hours before and after, for clocks may have been wrong. */
export async function collectAccounts(world: World): Promise<AccountFacts[]> {
  const rows = new Map((await world.database.query<{ w: string; n: string }>(ROWS)).map(({ w, n }) => [w, Number(n)]));
  const [from, to] = [-HOURS_MS, HOURS_MS].map((ms) => new Date(Date.now() + ms).toISOString());
  return Promise.all(
    WORKSPACES.map(async (workspace) => {
      const { state, totals, items } = await world
        .api(workspace)
        .get('/v1/conservation', { query: { limit: 1_000, ...(from && to ? { from, to } : {}) } });
      const dropped = Object.values(totals.dropped).reduce((sum, n) => sum + n, 0);
      return {
        workspace,
        state,
        totals: { ...totals, dropped },
        open: items.filter((item) => item.state !== 'balanced').map((item) => JSON.stringify(item)),
        rows: rows.get(workspace) ?? 0,
      };
    }),
  );
}

const PATIENCE_MS = 60_000;
const EVERY_MS = 500;

/**
 * The accounts once they balance, or as they are after a minute. Platforms are asked again and again, also when nothing
 * new is produced: what they give a second time is under way for a moment, and then the account is open.
 */
export async function settledAccounts(world: World): Promise<AccountFacts[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const accounts = await collectAccounts(world);
    if (accounts.every(({ state }) => state === 'balanced') || performance.now() > deadline) return accounts;
    await delay(EVERY_MS);
  }
}
