import { z } from 'zod';
import { problem, problemSource } from '../problem.ts';
import { connectionId, nativeId, platformId } from '../words.ts';
import { entityResource } from './resources.ts';

const instant = z.iso.datetime();
const text = (max: number) => z.string().min(1).max(max);

/** Everything of the answer is there and current. */
const complete = z
  .boolean()
  .describe('True only where every source is `ok`: nothing is missing, and nothing is older than it should be.');

/** Is an answer wanted in which a source is missing or old? */
export const requirement = z
  .enum(['any', 'all'])
  .describe(
    '`all` answers 503 where a source is not `ok`; `any` answers with what there is, and says what is missing.',
  );

/** A connection that an answer from our own store draws on. */
export const storedSource = z.object({
  connectionId,
  platform: platformId,
  status: problemSource.shape.status,
  observedAt: instant.optional().describe('When the connection was last known to be well; absent where it never was.'),
  ageMs: z.number().int().nonnegative().optional().describe('Milliseconds since observedAt; 0 while it is well.'),
  reason: z.string().optional().describe('Why it is not `ok`.'),
});
export type StoredSource = z.output<typeof storedSource>;

export const storedMeta = z.object({ complete, sources: z.array(storedSource) });
export type StoredMeta = z.output<typeof storedMeta>;

/** One question to several connections. */
export const entityQuestion = z
  .strictObject({
    sources: z
      .array(z.strictObject({ connectionId, type: text(200) }))
      .min(1)
      .max(50)
      .optional()
      .describe('Which records of which connections. Instead of it: `types`.'),
    types: z
      .array(text(200))
      .min(1)
      .max(20)
      .optional()
      .describe('Records of these types, of every connection of the workspace that has them.'),
    connections: z.array(connectionId).min(1).max(50).optional().describe('With `types`: of these connections alone.'),
    platforms: z.array(platformId).min(1).max(20).optional().describe('With `types`: of these platforms alone.'),
    filter: text(4_000)
      .optional()
      .describe('SCIM filter over `nativeId`, `name` and `attributes.<name>`; every type must have what it names.'),
    sort: text(200).optional().describe('Fields to sort by, `-` for descending: `-attributes.capacity,name`.'),
    limit: z.number().int().min(1).max(1_000).default(50).describe('How many items at most.'),
    cursor: text(100_000).optional().describe('`page.nextCursor` of the page before; all else must be the same.'),
    require: requirement.default('any'),
  })
  .superRefine(({ sources, types, connections, platforms }, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (sources === undefined && types === undefined) fault('sources', 'either sources or types must be named');
    if (sources === undefined) return;
    for (const [name, given] of Object.entries({ types, connections, platforms })) {
      if (given !== undefined) fault(name, 'sources name all there is to ask: this cannot stand beside them');
    }
  });
export type EntityQuestion = z.output<typeof entityQuestion>;

/** How one connection and type fared. */
export const entitySource = z.object({
  connectionId,
  platform: platformId,
  type: z.string(),
  status: problemSource.shape.status,
  observedAt: instant.optional().describe('When the platform gave this; absent where it was not asked for this page.'),
  ageMs: z.number().int().nonnegative().optional().describe('Milliseconds since observedAt.'),
  pushed: z.string().optional().describe('The part of the filter that the platform has evaluated.'),
  evaluatedHere: z.string().optional().describe('The part that was left to this API.'),
  vendorCalls: z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('Calls to the platform that this page has cost; absent where nobody could tell.'),
  items: z.number().int().nonnegative().describe('How many items of this page are its.'),
  more: z.boolean().describe('Has it, or may it have, more behind this page?'),
  problem: problem.optional().describe('Why it is not `ok`.'),
});
export type EntitySource = z.output<typeof entitySource>;

export const foundEntity = z.object({ connectionId, platform: platformId, ...entityResource.shape, nativeId });
export type FoundEntity = z.output<typeof foundEntity>;

export const entityAnswer = z.object({
  items: z.array(foundEntity),
  page: z.object({ nextCursor: z.string().optional() }),
  meta: z.object({ complete, sources: z.array(entitySource) }),
});
export type EntityAnswer = z.output<typeof entityAnswer>;
