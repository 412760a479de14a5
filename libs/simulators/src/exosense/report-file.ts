import { textOf } from './datapoint.ts';
import type { ReportJob } from './reports.ts';
import type { ExosenseState } from './state.ts';

const HEADER = 'timestamp,asset,signal_id,signal,value';
const HOUR = 3_600_000;

/** Every stored value of the period: signal by signal, each in the order of time. */
export function* reportFile(job: ReportJob, state: ExosenseState): Generator<string> {
  let block = `${HEADER}\r\n`;
  for (const signal of job.signals) {
    const series = [cell(signal.asset.name), signal.id, cell(signal.name)].join(',');
    for (const { timestamp, value } of state.between(signal, job.from, job.to)) {
      const time = formatTime(timestamp, job.timezone);
      block += `${cell(time)},${series},${cell(textOf(signal.type.primitive_type, value))}\r\n`;
      if (block.length < 65_536) continue;
      yield block;
      block = '';
    }
  }
  yield block;
}

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** In the manner of `strftime`; `%f` is microseconds, `%z` the offset. */
export function formatTime(ms: number, { format, offset }: ReportJob['timezone']): string {
  const [date = '', time = ''] = new Date(ms + offset * HOUR).toISOString().split('T');
  const [year, month, day] = date.split('-');
  const [hour, minute, second = ''] = time.split(':');
  const sign = offset < 0 ? '-' : '+';
  const parts: Record<string, string | undefined> = {
    Y: year,
    m: month,
    d: day,
    H: hour,
    M: minute,
    S: second.slice(0, 2),
    f: `${second.slice(3, 6)}000`,
    z: `${sign}${String(Math.abs(offset)).padStart(2, '0')}00`,
    s: String(Math.floor(ms / 1000)),
    '%': '%',
  };
  return format.replaceAll(/%([A-Za-z%])/g, (whole, letter: string) => parts[letter] ?? whole);
}
