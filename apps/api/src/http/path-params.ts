import {
  backfillId,
  commandId,
  connectionId,
  deviceIdSchema,
  fileIdSchema,
  platformId,
  seriesIdSchema,
  spaceIdSchema,
} from '@tributary/contracts';
import { z } from 'zod';
import { plainText } from './query-types.ts';

export const platformParams = z.strictObject({ platform: platformId });
export const connectionParams = z.strictObject({ connectionId });
export const deviceParams = z.strictObject({ deviceId: deviceIdSchema });
export const spaceParams = z.strictObject({ spaceId: spaceIdSchema });
export const backfillParams = z.strictObject({ backfillId });
export const commandParams = z.strictObject({ commandId });
export const fileParams = z.strictObject({ fileId: fileIdSchema });
export const nativeParams = z.strictObject({ connectionId, nativeId: plainText(512) });

export const seriesParams = z.strictObject({ seriesId: seriesIdSchema });

const LARGEST_INT4 = 2_147_483_647;

/** The number inside; 0, which no series has, for one that is too large for the column. */
export function seriesNumber(id: string): number {
  const number = Number(id.slice(4));
  return number <= LARGEST_INT4 ? number : 0;
}
