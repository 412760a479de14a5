import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { adapterNames, entryOf, House } from '@tributary/testing/harness';
import type { Bench, BenchContext } from '../measuring/bench.ts';
import { spreadText } from '../measuring/comparison.ts';
import { table } from '../measuring/page.ts';
import { cpuOf, residentBytes } from '../measuring/processes.ts';
import { quiet } from '../measuring/quiet.ts';
import { pairedRatios, spreadOf } from '../measuring/statistics.ts';

const BARE = 'bare script';
const MB = 1_000_000;
/** After this long without work a service counts as idle. */
const IDLE_MS = 6_000;
const IDLE_QUICK_MS = 3_000;

interface Start {
  readyMs: number;
  cpuMs: number;
  idleMb: number;
}

/** Each start is a fresh process, one after another, with nothing else running; its memory is read once it idles. */
export const servicesBench: Bench = {
  name: 'services',
  async run(context) {
    const apps = ['telemetry-ingest', 'api', ...adapterNames()];
    const starts = new Map<string, Start[]>([...apps, BARE].map((name) => [name, []]));
    const rounds = context.quick ? 2 : 4;
    for (let round = -1; round < rounds; round++) {
      for (const [name, list] of starts) {
        const start = await startOnce(context, name);
        context.say(`  ${name}: ready in ${Math.round(start.readyMs)} ms, ${start.idleMb.toFixed(0)} MB idle`);
        if (round >= 0) list.push(start);
      }
    }
    return { text: present(starts) };
  },
};

async function startOnce({ backing, quick }: BenchContext, name: string): Promise<Start> {
  await quiet(Object.values(backing.pids));
  const house = new House({ backing: backing.urls, namespace: 'services', keys: backing.keys });
  const entry = name === BARE ? fileURLToPath(new URL('./bare-service.ts', import.meta.url)) : entryOf(name);
  const from = performance.now();
  const service = house.spawn(name, entry, name === 'api' ? { API_DRAIN: '0s' } : {});
  try {
    await service.ready();
    const readyMs = performance.now() - from;
    const cpuMs = cpuOf(service.pid) / 1_000;
    await pause(quick ? IDLE_QUICK_MS : IDLE_MS);
    return { readyMs, cpuMs, idleMb: residentBytes(service.pid) / MB };
  } finally {
    await house.stop();
  }
}

function present(starts: Map<string, Start[]>): string {
  const bare = starts.get(BARE) ?? [];
  const column = (list: Start[], what: keyof Start) => list.map((start) => start[what]);
  const ratio = (list: Start[], what: keyof Start) =>
    spreadText(spreadOf(pairedRatios(column(list, what), column(bare, what))));
  const rows = [...starts].map(([name, list]) => [
    name,
    spreadText(spreadOf(column(list, 'readyMs'))),
    name === BARE ? '1' : ratio(list, 'readyMs'),
    spreadText(spreadOf(column(list, 'cpuMs'))),
    spreadText(spreadOf(column(list, 'idleMb'))),
    name === BARE ? '1' : ratio(list, 'idleMb'),
  ]);
  return table(['service', 'start to ready, ms', 'over bare', 'CPU until ready, ms', 'idle, MB', 'over bare'], rows);
}
