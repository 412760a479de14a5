import { z } from 'zod';

/** MESHY-03, MESHY-04. */
export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().optional(),
  token_type: z.string().optional(),
  refresh_token: z.string().min(1).nullish(),
});
export type TokenAnswer = z.output<typeof tokenAnswer>;

/** MESHY-01. */
export const existsAnswer = z.object({ exists: z.boolean() });

const text = z.string().nullish();

/** User object of MESHY-02, MESHY-05 and the later pages. */
export const user = z.object({
  id: z.string().min(1),
  username: z.string().min(1),
  firstName: text,
  lastName: text,
  verified: z.boolean().nullish(),
  isActive: z.boolean().nullish(),
  phoneNumber: text,
  emailAddress: text,
  roles: z.array(z.unknown()).nullish(),
  anonymous: z.boolean().nullish(),
});
export type User = z.output<typeof user>;

/** A page of anything: MESHY-08, MESHY-23, MESHY-39. */
export const page = z.object({
  page: z.number().optional(),
  pageSize: z.number().optional(),
  results: z.array(z.unknown()),
  totalRecords: z.int().nonnegative().nullish(),
});

/** Whatever an application stored; only the id is the platform's own. */
export const document = z.looseObject({ _id: z.string().regex(/^[0-9a-f]{24}$/) });
export type MeshDocument = z.output<typeof document>;

/** MESHY-39. */
export const permissible = z.object({ name: z.string() });

/** Error body of the API host. */
export const failure = z.object({ message: z.string().optional() });

/** Error body of the auth host. */
export const oauthFailure = z.object({ error: z.string().optional() });
