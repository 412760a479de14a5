/** One point a minute, of every device, for ever. */
export const HISTORY_STEP_MS = 60_000;
export const HISTORY_PAGE = 10;

export interface AskedHistory {
  account: string;
  device: string;
  fromMs: number;
  toMs: number;
  /** Time of the last point of the page before. */
  after: number;
}

export interface AcmeHistory {
  asked: AskedHistory[];
  /** Awaited before a page is answered; a status in its place is the answer. */
  onPage: (asked: AskedHistory) => Promise<number | undefined>;
}

export const noHistory = (): AcmeHistory => ({ asked: [], onPage: async () => undefined });

export const historicValue = (device: string, ts: number): number => ((ts / HISTORY_STEP_MS) % 100_003) + device.length;

/** Undefined where the page was answered by a status. */
export async function historyPage(
  history: AcmeHistory,
  account: string,
  query: URLSearchParams,
): Promise<{ status: number; body: unknown }> {
  const [fromMs, toMs, after] = ['from', 'to', 'after'].map((name) => Number(query.get(name))) as [
    number,
    number,
    number,
  ];
  const asked = { account, device: query.get('device') ?? '', fromMs, toMs, after };
  history.asked.push(asked);
  const status = await history.onPage(asked);
  if (status !== undefined) return { status, body: { error: `no history before the flood` } };
  const points: { ts: number; value: number }[] = [];
  const first = Math.ceil(Math.max(fromMs, after + 1) / HISTORY_STEP_MS) * HISTORY_STEP_MS;
  let ts = first;
  for (; ts < toMs && points.length < HISTORY_PAGE; ts += HISTORY_STEP_MS) {
    points.push({ ts, value: historicValue(asked.device, ts) });
  }
  return { status: 200, body: { points, more: ts < toMs } };
}
