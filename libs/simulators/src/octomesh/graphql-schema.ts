import { type GraphQLFieldConfigMap, GraphQLNonNull, GraphQLObjectType, GraphQLSchema } from 'graphql';
import type { CkModel, TypeModel } from './ck-model.ts';
import type { GraphqlContext } from './graphql-context.ts';
import { AttributeTypes } from './graphql-types.ts';
import { runtimeMutations } from './mutation-fields.ts';
import { EntityTypes, type Fields, runtimeQueries } from './runtime-fields.ts';
import { streamQueries, streamView } from './stream-fields.ts';

/** The schema that follows from a tenant's Construction Kits. Throws when they make none, such as two types of a name. */
export function buildSchema(model: CkModel, options: { removesAssociations: boolean }): GraphQLSchema {
  const types = [...model.types.values()];
  const attributes = new AttributeTypes();
  const objects = new EntityTypes(model.types, attributes, (stream) => streamView(model.type(stream), attributes));
  const entities = types.filter((type) => !type.isStream);
  const inputName = inputNames(entities);
  const queries = merged(entities.map((type) => runtimeQueries(type, objects, attributes)));
  const streams = merged(types.filter((type) => type.isStream).map((type) => streamQueries(type, attributes)));
  const mutations = merged(
    entities
      .filter((type) => !type.isAbstract)
      .map((type) => runtimeMutations({ type, objects, attributes, inputName: inputName(type), ...options })),
  );
  return new GraphQLSchema({
    query: root('Query', {
      ...part('runtime', 'RuntimeQuery', queries),
      ...part('streamData', 'StreamQuery', streams),
    }),
    ...(Object.keys(mutations).length > 0
      ? { mutation: root('Mutation', part('runtime', 'RuntimeMutation', mutations)) }
      : {}),
  });
}

const merged = (fields: readonly Fields[]): Fields => Object.assign({}, ...fields) as Fields;

const root = (name: string, fields: GraphQLFieldConfigMap<unknown, GraphqlContext>) =>
  new GraphQLObjectType({ name, fields });

/** A tenant without streams has no `streamData`: GraphQL knows no type without fields. */
function part(name: string, typeName: string, fields: Fields): Fields {
  if (Object.keys(fields).length === 0) return {};
  const type = new GraphQLNonNull(new GraphQLObjectType({ name: typeName, fields }));
  return { [name]: { type, resolve: () => ({}) } };
}

/** `EnergyMeter` for `Industry.Energy/EnergyMeter`, unless another library has an `EnergyMeter` too. */
function inputNames(types: readonly TypeModel[]): (type: TypeModel) => string {
  const counts = new Map<string, number>();
  for (const { shortName } of types) counts.set(shortName, (counts.get(shortName) ?? 0) + 1);
  return (type) => (counts.get(type.shortName) === 1 ? type.shortName : type.name);
}
