import type { Call, EntityPage } from '@tributary/adapter-kit';
import { InvalidRequestError, MalformedResponseError } from '@tributary/contracts';
import { isObject } from '../client.ts';
import { relatedEntities } from '../dialect/documents.ts';
import { entityRecord } from '../mapping.ts';
import type { Association, EntityModel } from '../schema/model.ts';
import { connectionPage, type RuntimeEntity, runtimeEntity } from '../wire.ts';
import type { EntitiesOptions } from './entities.ts';

export interface RelatedAsked {
  id: string;
  relation: string;
  limit: number;
  cursor?: string | undefined;
}

/** OCTO-09: records that an association leads to, page by page as the vendor has them. */
export async function relatedPage(
  { client, kit, schema }: EntitiesOptions,
  model: EntityModel,
  { id, relation, limit, cursor }: RelatedAsked,
  call: Call,
): Promise<Omit<EntityPage, 'residualFilter'>> {
  const association = associationOf(model, relation);
  const { entities } = await schema.get(call.lane, call.signal);
  const targets = association.objectTypes.flatMap(
    (type) => [...entities.values()].find(({ objectType }) => objectType === type) ?? [],
  );
  const document = relatedEntities(model, association, { rtId: id, page: { first: limit, after: cursor }, targets });
  const owner = await client.one('runtime', document, { id: 'OCTO-09', ...call });
  const page = connectionPage.safeParse(isObject(owner) ? (owner.related ?? { items: [] }) : undefined);
  if (!page.success) throw new MalformedResponseError('OCTO-09: the answer is not a page');
  const { items, pageInfo } = page.data;
  const read = kit.items(runtimeEntity, items, 'related entity');
  const next = pageInfo?.hasNextPage ? pageInfo.endCursor : undefined;
  if (next !== undefined && next === cursor) throw new MalformedResponseError('OCTO-09: a page leads to no next one');
  return {
    items: read.flatMap((entity) => {
      const target = targetOf(entity, targets);
      return target ? [entityRecord(entity, target)] : [];
    }),
    ...(next ? { nextCursor: next } : {}),
  };
}

/** Throws `InvalidRequestError` naming those that there are. */
export function associationOf(model: EntityModel, relation: string): Association {
  const found = model.associations.find(({ name }) => name === relation);
  if (found) return found;
  const known = model.associations.map(({ name }) => name).join(', ') || 'none';
  throw new InvalidRequestError(
    `${model.name} has no relation ${JSON.stringify(relation.slice(0, 80))}; it has: ${known}`,
  );
}

/** Members of a union say which of its types they are of. */
function targetOf(entity: RuntimeEntity, targets: readonly EntityModel[]): EntityModel | undefined {
  const { __typename: name } = entity;
  return targets.length === 1 ? targets[0] : targets.find(({ objectType }) => objectType === name);
}
