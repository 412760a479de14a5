import type { EntityType, Json } from '@tributary/contracts';
import type { Attribute, EntityModel } from './model.ts';

type Schema = Record<string, Json>;

const SIMPLE: Record<Attribute['kind'], Schema> = {
  text: { type: 'string' },
  enum: { type: 'string' },
  id: { type: 'string' },
  integer: { type: 'integer' },
  long: { type: 'integer' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  instant: { type: 'string', format: 'date-time' },
  other: {},
};

function schemaOf(attribute: Attribute): Schema {
  const { kind, list, enumValues, description, write } = attribute;
  const single: Schema = enumValues ? { type: 'string', enum: [...enumValues] } : SIMPLE[kind];
  return {
    ...(list ? { type: 'array', items: single } : single),
    ...(description === undefined ? {} : { description }),
    ...(write ? {} : { readOnly: true }),
  };
}

/** What the contract calls a type of record. `nameOf` tells the type of a GraphQL type that a relation leads to. */
export function entityTypeOf(model: EntityModel, nameOf: (objectType: string) => string): EntityType {
  const required = model.attributes.filter(({ write }) => write?.required).map(({ name }) => name);
  const operations = (['create', 'update', 'remove', 'relate'] as const).filter((name) => model[name] !== undefined);
  return {
    name: model.name,
    ...(model.description === undefined ? {} : { description: model.description }),
    readOnly: operations.length === 0,
    operations,
    schema: {
      type: 'object',
      properties: Object.fromEntries(model.attributes.map((attribute) => [attribute.name, schemaOf(attribute)])),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    },
    relations: model.associations.map(({ name, objectTypes }) => ({
      name,
      targetTypes: objectTypes.map(nameOf),
      // The schema answers every association as pages and tells no multiplicity.
      many: true,
    })),
  };
}
