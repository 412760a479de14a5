import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { House, SimulatorAddress } from '@tributary/testing/harness';
import type { Backing } from './backing/find.ts';
import type { LogView } from './log-view.ts';
import { SetupProblem, say, step } from './progress.ts';

interface ReportOptions {
  house: House;
  backing: Backing;
  apiUrl: string;
  key: string;
  simulators: SimulatorAddress[];
  /** Only what was learned of since then is live. */
  startedAt: Date;
  logs: LogView;
  signal: AbortSignal;
}

const FIRST_DATA_PATIENCE_MS = 120_000;
const REQUEST_DEADLINE_MS = 15_000;

/** The table of services, the key, and three lines that have just been tried. */
export async function report(options: ReportOptions): Promise<void> {
  const { house, backing, apiUrl, key, simulators, logs } = options;
  const paths = await step('live data', (progress) => tryPaths(options, progress));
  const rows = [
    ...backing.found.map(({ name, where }) => [name, where, 'answers']),
    ...(await serviceRows(house)),
    ...simulators.map((s) => [`simulator ${s.platform}`, [s.url, s.mqttUrl].filter(Boolean).join('  '), 'running']),
  ];
  say();
  for (const line of table(['service', 'address', 'state'], rows)) say(line);
  say();
  say(`API key   ${key}`);
  say(`Reference ${apiUrl}/docs`);
  say(`Logs      ${relative(process.cwd(), logs.folder)}/  (or: npm run up -- --logs)`);
  say();
  say('Try');
  for (const path of paths) say(`  curl -s -H "Authorization: Bearer ${key}" "${apiUrl}${path}"`);
  say();
  say('Ctrl-C stops everything.');
}

async function serviceRows(house: House): Promise<string[][]> {
  const ready = await house.ready();
  const services = house.all.filter((s) => s.name !== 'simulators');
  return Promise.all(
    services.map(async (service) => {
      const url = `http://127.0.0.1:${ready.get(service.name)?.port}`;
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(REQUEST_DEADLINE_MS) });
      return [service.name, url, answer.ok ? 'ready' : 'not ready'];
    }),
  );
}

/** Waits until there is live data, and returns the paths of which each has just answered with some. */
async function tryPaths(options: ReportOptions, progress: (detail: string) => void): Promise<string[]> {
  const seriesId = await liveSeries(options, progress);
  const paths = ['/v1/telemetry/latest?limit=5', '/v1/devices?limit=5', `/v1/series/${seriesId}/points?limit=5`];
  for (const path of paths) {
    if ((await items(options, path)).length === 0) throw new SetupProblem(`${path} has no data`);
  }
  return paths;
}

/** A series with a point that came since the start. */
async function liveSeries(options: ReportOptions, progress: (detail: string) => void): Promise<string | undefined> {
  const { startedAt, logs, signal } = options;
  const deadline = performance.now() + FIRST_DATA_PATIENCE_MS;
  for (;;) {
    signal.throwIfAborted();
    const latest = await items(options, '/v1/telemetry/latest?limit=1000');
    const live = latest.find((point) => new Date(point.observedAt ?? 0) > startedAt);
    if (live) return live.seriesId;
    progress(`waiting for the first point of a simulator (${latest.length} from earlier)`);
    if (performance.now() > deadline)
      throw new SetupProblem(`No data came through in ${FIRST_DATA_PATIENCE_MS / 1000} s; see ${logs.folder}/`);
    await delay(250);
  }
}

async function items({ apiUrl, key }: ReportOptions, path: string): Promise<Record<string, string>[]> {
  const answer = await fetch(apiUrl + path, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
  });
  if (!answer.ok) throw new SetupProblem(`${path} was answered with ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { items: Record<string, string>[] }).items;
}

function table(head: string[], rows: string[][]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) =>
    `  ${cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd()}`;
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)];
}
