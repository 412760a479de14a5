import { SIGNALS } from '../chain/readings.ts';
import { table } from '../measuring/page.ts';
import type { Held } from './memory-watch.ts';

const MEBIBYTE = 1024 ** 2;
/** Of each of our processes: what does not stay bounded ends the process, and the run. Node alone would collect late. */
export const HEAP_MB = 256;

export const SERVICES = ['adapter', 'ingest'] as const;
export type Service = (typeof SERVICES)[number];
export type MemoryOf = Record<Service, Held & { resident: number }>;

export interface Outage {
  awaySeconds: number;
  behindAtReturn: number;
  catchUpSeconds: number;
  /** Just before Postgres comes back. */
  away: MemoryOf;
  /** The most that was resident until it has caught up; what is held then. */
  most: MemoryOf;
}

export interface Figures {
  peak: number;
  offered: number;
  sent: number;
  before: MemoryOf;
  outages: Outage[];
}

const whole = (value: number): string => Math.round(value).toLocaleString('en').replaceAll(',', ' ');
const megabytes = (bytes: number): string => whole(bytes / MEBIBYTE);
const held = ({ heapUsed, external }: Held): string => `${megabytes(heapUsed)} + ${megabytes(external)}`;

export function outagePage({ peak, offered, sent, before, outages }: Figures): string {
  const courses = outages.map((one) => [
    `${whole(one.awaySeconds)} s`,
    `${whole(one.behindAtReturn)} (${whole(one.behindAtReturn * SIGNALS.length)} points)`,
    `${whole(one.catchUpSeconds)} s`,
  ]);
  return `Most that the chain stored: ${whole(peak)} messages a second. Offered all the time: ${whole(offered)}. Of ${whole(sent)} messages none was lost, stored twice or parked. Each process of ours had a heap of at most ${HEAP_MB} MB, and would have ended had it wanted more.

${table(['Postgres away', 'messages behind when it was back', 'caught up after'], courses)}

${SERVICES.map((service) => memoryTable(service, before, outages)).join('\n\n')}`;
}

function memoryTable(service: Service, before: MemoryOf, outages: readonly Outage[]): string {
  const first = before[service];
  const rows = outages.map(({ awaySeconds, away, most }) => [
    `${whole(awaySeconds)} s`,
    held(away[service]),
    held(most[service]),
    megabytes(away[service].resident),
    megabytes(most[service].resident),
    megabytes(most[service].resident - first.resident),
  ]);
  const head = [
    `${service}, MB`,
    'held at the end of it',
    'held when caught up',
    'resident, most while away',
    'most in all',
    'growth',
  ];
  return table(head, [['before', held(first), '', megabytes(first.resident), '', ''], ...rows]);
}
