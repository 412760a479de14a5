import { z } from 'zod';

/** One word of a routing key, and so of every id that becomes one. */
export const WORD = /^[a-z0-9_-]+$/;

export const workspaceId = z.string().regex(WORD).max(40);
export const platformId = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/)
  .max(40);
export const connectionId = z.string().regex(/^con_[a-z2-7]{26}$/, 'expected an id such as con_…');
export const deviceIdSchema = z.string().regex(/^dev_[a-z2-7]{26}$/, 'expected an id such as dev_…');
export const spaceIdSchema = z.string().regex(/^spc_[a-z2-7]{26}$/, 'expected an id such as spc_…');
export const fileIdSchema = z.string().regex(/^fil_[a-z2-7]{26}$/, 'expected an id such as fil_…');
export const commandId = z.string().regex(/^cmd_[a-z2-7]{26}$/, 'expected an id such as cmd_…');
export const backfillId = z.string().regex(/^bkf_[a-z2-7]{26}$/, 'expected an id such as bkf_…');
export const subscriptionId = z.string().regex(/^sub_[a-z2-7]{26}$/, 'expected an id such as sub_…');
export const deliveryId = z.string().regex(/^dlv_[a-z2-7]{26}$/, 'expected an id such as dlv_…');
export const parkedFingerprint = z.string().regex(/^fpr_[a-z2-7]{26}$/, 'expected a fingerprint such as fpr_…');
export const parkedId = z.string().regex(/^prk_[a-z2-7]{26}$/, 'expected an id such as prk_…');
/** `ser_` and a number: the database's own, which no platform chooses. */
export const seriesIdSchema = z.string().regex(/^ser_[1-9]\d{0,9}$/, 'expected an id such as ser_1');
export const apiKeyId = z.string().regex(/^key_[a-z2-7]{26}$/, 'expected an id such as key_…');

/** The vendor's own id of a thing, kept verbatim. */
export const nativeId = z.string().min(1).max(512);
/** Name of what is measured, as the platform calls it. */
export const signalName = z.string().min(1).max(256);
/** RFC 3339 in UTC with the letter Z. */
export const timestamp = z.iso.datetime({ offset: false });
/** Hybrid clock of the adapter: a whole number as text, comparable only after `BigInt`. */
export const rev = z.string().regex(/^[1-9]\d{0,18}$/, 'expected a whole number as text');

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;
export const jsonObject = z.record(z.string(), json);

/** Operation classes; each has a breaker of its own per connection. */
export const operationClasses = ['auth', 'read', 'command', 'bulk'] as const;
export const operationClass = z.enum(operationClasses);
export type OperationClass = z.output<typeof operationClass>;

/** Where data came from: pushed by the vendor, polled, read again later, published again, or imported from a file. */
export const origins = ['live', 'poll', 'backfill', 'replay', 'import'] as const;
export const origin = z.enum(origins);
export type Origin = z.output<typeof origin>;
