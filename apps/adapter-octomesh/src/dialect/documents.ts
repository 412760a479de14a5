import { InvalidRequestError } from '@tributary/contracts';
import type { Association, EntityModel, StreamModel } from '../schema/model.ts';
import { checkedName } from './names.ts';
import { type Document, Operation } from './operation.ts';

/** All GraphQL of this adapter is written here: values travel as variables, `first` always stands, names are checked. */

/** At most this many fields in one document: it counts as one request. */
export const FIELDS_PER_DOCUMENT = 10;

export interface PageAsked {
  first: number;
  after?: string | undefined;
  filter?: Record<string, unknown> | undefined;
  orderBy?: Record<string, 'ASC' | 'DESC'> | undefined;
}

export const alias = (index: number): string => `a${index}`;

/** Members that every entity has. */
export const ENTITY = 'rtId ckTypeId';

/** What an entity is read with. `wellKnownName` is one of its attributes. */
export function entitySelection(model: EntityModel, extra = ''): string {
  const attributes = model.attributes.map(({ selection }) => selection);
  return [ENTITY, ...attributes, extra].filter((part) => part !== '').join(' ');
}

/** OCTO-06: pages of entities, of one or several types in one document. */
export function entityPages(asked: readonly { model: EntityModel; page: PageAsked; selection: string }[]): Document {
  const operation = new Operation('query');
  const fields = asked.map(({ model, page, selection }, index) =>
    operation.field(
      alias(index),
      model.listing.field,
      pageArguments(operation, page, model.listing.args),
      pageSelection(selection, model.listing.pageInfo),
    ),
  );
  return operation.document('runtime', fields);
}

/** OCTO-07. */
export function entityById(model: EntityModel, rtId: string, selection: string): Document {
  const operation = new Operation('query');
  const args = operation.argument('rtId', rtId, model.byId ?? {});
  return operation.document('runtime', [operation.field(alias(0), `rt${model.flat}ById`, args, selection)]);
}

/** OCTO-08. */
export function entityByWellKnownName(model: EntityModel, wellKnownName: string): Document {
  const operation = new Operation('query');
  const args = operation.argument('wellKnownName', wellKnownName, model.byWellKnownName ?? {});
  const field = operation.field(alias(0), `rt${model.flat}ByWellKnownName`, args, entitySelection(model));
  return operation.document('runtime', [field]);
}

/** OCTO-09: what an association of one entity leads to. `targets` are the types that it may lead to. */
export function relatedEntities(
  model: EntityModel,
  association: Association,
  asked: { rtId: string; page: Pick<PageAsked, 'first' | 'after'>; targets: readonly EntityModel[] },
): Document {
  const operation = new Operation('query');
  const args = operation.argument('rtId', asked.rtId, model.byId ?? {});
  const selection = association.union
    ? `__typename ${asked.targets.map((target) => `... on ${checkedName(target.objectType, 'type')} { ${entitySelection(target)} }`).join(' ')}`
    : asked.targets[0]
      ? entitySelection(asked.targets[0])
      : ENTITY;
  const inner = operation.field(
    'related',
    association.name,
    pageArguments(operation, asked.page, association.args),
    pageSelection(selection, association.pageInfo),
  );
  const field = operation.field(alias(0), `rt${model.flat}ById`, args, `rtId ${inner}`);
  return operation.document('runtime', [field]);
}

/** OCTO-10: rows of one or several streams, oldest first, each with its own bounds and cursor. */
export function streamPages(
  asked: readonly { stream: StreamModel; page: PageAsked; attributes: readonly string[] }[],
): Document {
  const operation = new Operation('query');
  const fields = asked.map(({ stream, page, attributes }, index) =>
    operation.field(
      alias(index),
      stream.listing.field,
      pageArguments(operation, page, stream.listing.args),
      pageSelection(['rtId', 'timestamp', ...attributes].join(' '), stream.listing.pageInfo),
    ),
  );
  return operation.document('streamData', fields);
}

/** The first entity that an association leads to, within the selection of another. One is enough, so `first` is one. */
export function linkSelection({ name, args }: Pick<Association, 'name' | 'args'>, members: readonly string[]): string {
  const first = Object.hasOwn(args, 'first') ? '(first: 1)' : '';
  return `${checkedName(name, 'association')}${first} { items { ${members.join(' ')} } }`;
}

export interface EntityInput {
  wellKnownName?: string | null;
  attributes: Record<string, unknown>;
}

/** OCTO-11. */
export const createEntity = (model: EntityModel, entity: EntityInput): Document => {
  const operation = new Operation('mutation');
  const args = operation.argument('entity', entity, demanded(model.create, 'created'));
  return operation.document('runtime', [
    operation.field(alias(0), `createRt${model.flat}`, args, entitySelection(model)),
  ]);
};

/** OCTO-12: only what is given changes. */
export const updateEntity = (model: EntityModel, rtId: string, entity: EntityInput): Document => {
  const operation = new Operation('mutation');
  const types = demanded(model.update, 'changed');
  const args = [...operation.argument('rtId', rtId, types), ...operation.argument('entity', entity, types)];
  return operation.document('runtime', [
    operation.field(alias(0), `updateRt${model.flat}`, args, entitySelection(model)),
  ]);
};

/** OCTO-13. */
export const deleteEntity = (model: EntityModel, rtId: string): Document => {
  const operation = new Operation('mutation');
  const { args: types, selection } = demanded(model.remove, 'removed');
  const args = operation.argument('rtId', rtId, types);
  return operation.document('runtime', [operation.field(alias(0), `deleteRt${model.flat}`, args, selection)]);
};

/** OCTO-14. */
export const addAssociation = (
  model: EntityModel,
  link: { rtId: string; association: string; targetRtIds: readonly string[] },
): Document => {
  const operation = new Operation('mutation');
  const types = demanded(model.relate, 'related');
  const args = Object.entries(link).flatMap(([name, value]) => operation.argument(name, value, types));
  return operation.document('runtime', [operation.field(alias(0), `addAssociationRt${model.flat}`, args, 'rtId')]);
};

const pageArguments = (operation: Operation, page: PageAsked, types: Record<string, string>): string[] => [
  ...operation.argument('first', page.first, types),
  ...operation.argument('after', page.after, types),
  ...operation.argument('filter', page.filter, types),
  ...operation.argument('orderBy', page.orderBy, types),
];

const pageSelection = (items: string, pageInfo: string): string => `items { ${items} } ${pageInfo}`.trim();

function demanded<T>(args: T | undefined, what: string): T {
  if (args !== undefined) return args;
  throw new InvalidRequestError(`records of this type cannot be ${what} in this tenant`);
}
