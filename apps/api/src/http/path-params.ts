import { commandId, connectionId, deviceIdSchema, fileIdSchema, platformId, spaceIdSchema } from '@tributary/contracts';
import { z } from 'zod';
import { plainText } from './query-types.ts';

export const platformParams = z.strictObject({ platform: platformId });
export const connectionParams = z.strictObject({ connectionId });
export const deviceParams = z.strictObject({ deviceId: deviceIdSchema });
export const spaceParams = z.strictObject({ spaceId: spaceIdSchema });
export const commandParams = z.strictObject({ commandId });
export const fileParams = z.strictObject({ fileId: fileIdSchema });
export const nativeParams = z.strictObject({ connectionId, nativeId: plainText(512) });

/** `ser_` and a number: the database's own, which no platform chooses. */
export const seriesId = z.string().regex(/^ser_[1-9]\d{0,9}$/, 'expected an id such as ser_1');
export const seriesParams = z.strictObject({ seriesId });

const LARGEST_INT4 = 2_147_483_647;

/** The number inside; 0, which no series has, for one that is too large for the column. */
export function seriesNumber(id: string): number {
  const number = Number(id.slice(4));
  return number <= LARGEST_INT4 ? number : 0;
}
