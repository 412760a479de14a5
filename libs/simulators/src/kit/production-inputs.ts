import { z } from 'zod';
import { IRREGULARITIES } from './irregularities.ts';

/** Inputs of the actions that mean the same everywhere; `device` is how the vendor's devices are named. */

export const onlineInput = <D extends z.ZodType>(device: D) =>
  z.strictObject({ device, online: z.boolean(), forgets: z.boolean().default(false) });

export const burstInput = <D extends z.ZodType>(device: D, most = 1_000_000) =>
  z.strictObject({
    device,
    count: z.number().int().min(1).max(most),
    stepMs: z.number().int().min(1).default(1_000),
  });

export const misbehaveInput = <D extends z.ZodType>(device: D) =>
  z.strictObject({ device, way: z.enum(IRREGULARITIES), lateMs: z.number().int().min(1).default(600_000) });
