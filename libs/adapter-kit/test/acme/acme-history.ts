import { type Adapter, path, type VendorHttp } from '@tributary/adapter-kit';
import { z } from 'zod';
import { HISTORY_PAGE, HISTORY_STEP_MS } from './acme-vendor-history.ts';

const historyAnswer = z.object({ points: z.array(z.object({ ts: z.number(), value: z.number() })), more: z.boolean() });

/** History of one device, in pages that say where to go on. */
export const acmeHistory = (http: VendorHttp, account: string): NonNullable<Adapter['telemetry']> => ({
  async *history({ device, fromMs, toMs, resume, lane = 'backfill' }, signal) {
    let after = Number(resume?.after ?? fromMs - 1);
    for (let more = true; more; ) {
      const query = new URLSearchParams({ device, from: String(fromMs), to: String(toMs), after: String(after) });
      const call = { method: 'GET' as const, path: `${path`/${account}/history`}?${query}`, operation: 'ACME-HISTORY' };
      const page = await http.json({ ...call, lane, idempotent: true, signal }, historyAnswer);
      after = page.points.at(-1)?.ts ?? after;
      more = page.more;
      const points = page.points.map(({ ts, value }) => ({ signal: 'count', tsMs: ts, value }));
      yield { items: [{ device, origin: 'poll' as const, points }], checkpoint: { after } };
    }
  },
  historyCost: ({ fromMs, toMs }) => {
    const stepMs = HISTORY_PAGE * HISTORY_STEP_MS;
    return { calls: Math.ceil((toMs - fromMs) / stepMs), stepMs, budget: 'requests' };
  },
});
