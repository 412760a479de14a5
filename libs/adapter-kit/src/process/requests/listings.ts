import type { AdapterReply, FileInfo, Point } from '@tributary/contracts';
import type { Page, PointBatch } from '../../contract.ts';
import { checkPoint } from '../publishing/point-check.ts';

/** Up to `limit` points, oldest page first as the platform gives them; `more` when there were further ones. */
export async function readHistory(
  pages: AsyncIterable<Page<PointBatch>>,
  limit: number,
): Promise<AdapterReply<'telemetry.history'>> {
  const points: Point[] = [];
  for await (const page of pages) {
    for (const given of page.items.flatMap((batch) => batch.points)) {
      // History is what was: nothing of it may be ahead of now, so now is no yardstick here.
      const checked = checkPoint(given, given.tsMs ?? Number.NaN);
      if (!checked.ok) continue;
      if (points.length >= limit) return { points, more: true };
      points.push(checked.point);
    }
  }
  return { points, more: false };
}

export async function readFiles(files: AsyncIterable<FileInfo>, limit: number): Promise<AdapterReply<'files.list'>> {
  const list: FileInfo[] = [];
  for await (const file of files) {
    list.push(file);
    if (list.length >= limit) break;
  }
  return { files: list };
}
