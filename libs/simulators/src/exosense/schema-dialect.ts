import {
  buildASTSchema,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  type InputObjectTypeDefinitionNode,
  type InputValueDefinitionNode,
  isObjectType,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  visit,
} from 'graphql';
import { SCHEMA_SOURCE } from './schema-source.ts';

/** An instance may offer less than another, or call what the vendor's document does not name by other names. */
export interface SchemaDialect {
  /** Left out: `Type.field`, such as `Mutation.createReport` or `Asset.rulez`. */
  without: readonly string[];
  /** By `Type.field`, the name that is offered instead. */
  rename: Readonly<Record<string, string>>;
  /** Whether `PanelMetricOptions` has `start` and `end` too. */
  rangeArguments: boolean;
}

export type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** By type and by the field's name in the working schema. */
export type Resolvers = Readonly<Record<string, Readonly<Record<string, Resolver>>>>;

/** Throws RangeError for a field that the working schema does not have. */
export function createSchema(dialect: SchemaDialect, resolvers: Resolvers): GraphQLSchema {
  const schema = buildASTSchema(inDialect(parse(SCHEMA_SOURCE), dialect));
  const original = new Map(Object.entries(dialect.rename).map(([path, name]) => [renamed(path, name), path]));
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const path = original.get(`${type.name}.${field.name}`) ?? `${type.name}.${field.name}`;
      const resolve = resolvers[type.name]?.[path.slice(type.name.length + 1)];
      if (resolve) field.resolve = resolve;
    }
  }
  return schema;
}

const renamed = (path: string, name: string): string => `${path.slice(0, path.indexOf('.'))}.${name}`;

function inDialect(source: DocumentNode, { without, rename, rangeArguments }: SchemaDialect): DocumentNode {
  const left = new Set([...without, ...Object.keys(rename)]);
  const speak = (type: string, field: FieldDefinitionNode): FieldDefinitionNode[] => {
    const path = `${type}.${field.name.value}`;
    left.delete(path);
    if (without.includes(path)) return [];
    const value = rename[path];
    return [value === undefined ? field : { ...field, name: { ...field.name, value } }];
  };
  const spoken = visit(source, {
    ObjectTypeDefinition: (node): ObjectTypeDefinitionNode => ({
      ...node,
      fields: (node.fields ?? []).flatMap((field) => speak(node.name.value, field)),
    }),
    InputObjectTypeDefinition: (node): InputObjectTypeDefinitionNode =>
      node.name.value === 'PanelMetricOptions' && rangeArguments
        ? { ...node, fields: [...(node.fields ?? []), textInput('start'), textInput('end')] }
        : node,
  });
  if (left.size > 0) throw new RangeError(`the schema has no ${[...left].join(', ')}`);
  return spoken;
}

const textInput = (name: string): InputValueDefinitionNode => ({
  kind: Kind.INPUT_VALUE_DEFINITION,
  name: { kind: Kind.NAME, value: name },
  type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: 'String' } },
});
