import { z } from 'zod';

/** Payloads of OctoMesh, names exactly as the vendor spells them; members we have no use for pass by. */

const text = z.string();

export const graphqlError = z.looseObject({
  message: z.string().catch('').default(''),
  path: z
    .array(z.union([z.string(), z.number()]))
    .nullish()
    .catch(undefined),
  extensions: z
    .looseObject({ code: z.string().optional().catch(undefined), details: z.unknown().optional() })
    .nullish()
    .catch(undefined),
});
export type GraphqlError = z.output<typeof graphqlError>;

export const graphqlEnvelope = z.looseObject({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.unknown()).nullish(),
  extensions: z.unknown().optional(),
});
export type GraphqlEnvelope = z.output<typeof graphqlEnvelope>;

export const errorBody = z.looseObject({ errors: z.array(z.unknown()).optional() });

/** The REST interface documents no form of failure: whatever of these it has is shown. */
export const restFailure = z.looseObject({
  code: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
});

interface WireTypeReference {
  kind: string;
  name?: string | null | undefined;
  ofType?: WireTypeReference | null | undefined;
}
const typeReference: z.ZodType<WireTypeReference> = z.lazy(() =>
  z.object({ kind: text, name: text.nullish(), ofType: typeReference.nullish() }),
);
export type TypeReference = z.output<typeof typeReference>;

const inputValue = z.object({ name: text, type: typeReference, defaultValue: text.nullish() });
export type WireInputValue = z.output<typeof inputValue>;

const wireField = z.object({
  name: text,
  description: text.nullish(),
  args: z.array(inputValue).default([]),
  type: typeReference,
});
export type WireField = z.output<typeof wireField>;

export const wireType = z.object({
  kind: text,
  name: text,
  description: text.nullish(),
  fields: z.array(wireField).nullish(),
  inputFields: z.array(inputValue).nullish(),
  enumValues: z.array(z.object({ name: text })).nullish(),
  possibleTypes: z.array(z.object({ name: text })).nullish(),
});
export type WireType = z.output<typeof wireType>;

export const introspected = z.object({
  __schema: z.object({
    queryType: z.object({ name: text }),
    mutationType: z.object({ name: text }).nullish(),
    types: z.array(z.unknown()),
  }),
});

const pageInfo = z.looseObject({
  hasNextPage: z.boolean(),
  endCursor: text.nullish(),
  totalCount: z.number().nullish(),
});

// Quirk: the count of all stands inside `pageInfo` (API Integration, "Runtime Queries"); elsewhere it is beside it.
export const connectionPage = z.looseObject({
  items: z.array(z.unknown()),
  pageInfo: pageInfo.nullish(),
  totalCount: z.number().nullish(),
});
export type ConnectionPage = z.output<typeof connectionPage>;

const id = z.string().min(1).max(512);

/** An entity of any type; its attributes are what the schema says. */
export const runtimeEntity = z.looseObject({ rtId: id, ckTypeId: text.nullish(), wellKnownName: text.nullish() });
export type RuntimeEntity = z.output<typeof runtimeEntity>;

/** A row of any stream; its measured attributes are what the schema says. */
export const streamRow = z.looseObject({
  rtId: id,
  timestamp: z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'expected a time'),
});
export type StreamRow = z.output<typeof streamRow>;

/** A library, as its upload is documented. Versions and types are absent from some listings. */
export const constructionKit = z.looseObject({
  libraryId: z.string().min(1),
  version: z.union([text, z.number().transform(String)]).nullish(),
});
export type ConstructionKit = z.output<typeof constructionKit>;

/** What an uploaded library says of units: not documented, and used where it is there. */
export const kitUnits = z.looseObject({
  libraryId: text,
  types: z.array(
    z.looseObject({
      typeId: text,
      attributes: z.array(z.looseObject({ name: text, unit: text.nullish().catch(undefined) })).catch([]),
    }),
  ),
});

/** The form of the listing is not documented: a list, or a list in one of the usual members. */
export const constructionKits = z.union([
  z.array(z.unknown()),
  z.looseObject({ items: z.array(z.unknown()) }).transform(({ items }) => items),
  z.looseObject({ list: z.array(z.unknown()) }).transform(({ list }) => list),
]);

export const tenant = z.looseObject({ tenantId: text.optional() });
export const health = z.looseObject({ status: text.optional() });

/** What an upload answers is not documented; the id under any of its usual names. */
export const uploaded = z
  .looseObject({
    id: z.union([text, z.number().transform(String)]).nullish(),
    fileId: text.nullish(),
    fileName: text.nullish(),
    contentType: text.nullish(),
    size: z.number().int().nonnegative().nullish(),
  })
  .transform(({ id: own, fileId, fileName, contentType, size }) => ({
    id: own ?? fileId ?? undefined,
    fileName,
    contentType,
    size,
  }));

/** Claims that we read and do not trust: they only tell us whom we hold a token of. */
export const tokenClaims = z.looseObject({
  sub: text.optional().catch(undefined),
  tenant_id: text.optional().catch(undefined),
  email: text.optional().catch(undefined),
  name: text.optional().catch(undefined),
  preferred_username: text.optional().catch(undefined),
});
export type TokenClaims = z.output<typeof tokenClaims>;
