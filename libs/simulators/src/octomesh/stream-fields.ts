import { GraphQLNonNull, GraphQLObjectType, type GraphQLOutputType } from 'graphql';
import type { TypeModel } from './ck-model.ts';
import { type FilterTree, parseTime, type Readable } from './filter.ts';
import { rootField, writtenSortKeys } from './graphql-context.ts';
import { DateTime, Decimal, FILTERS, OctoObjectId } from './graphql-scalars.ts';
import { type AttributeTypes, connectionOf, describedBy, listArguments } from './graphql-types.ts';
import { type PageArguments, pageOf } from './paging.ts';
import type { Fields } from './runtime-fields.ts';
import { queryStream } from './stream-query.ts';
import type { Row } from './stream-rows.ts';

const timestamp = {
  type: new GraphQLNonNull(DateTime),
  resolve: (row: unknown) => new Date((row as Row).ts).toISOString(),
};
const rtId = { type: new GraphQLNonNull(OctoObjectId), description: 'The entity that was measured' };

/** `ts{N}` of one stream type. */
export function streamQueries(type: TypeModel, attributes: AttributeTypes): Fields {
  const name = `ts${type.name}`;
  const row = new GraphQLObjectType({
    name: type.name,
    description: type.id,
    fields: { rtId, timestamp, ...measuredFields(type, attributes) },
  });
  const readable = readableRows(type);
  const system = { rtId: { type: FILTERS.id }, timestamp: { type: FILTERS.time } };
  return {
    [name]: {
      type: connectionOf(row),
      args: listArguments(type, attributes, system),
      description: `Stream data of ${type.id}`,
      resolve: rootField<StreamArguments>(name, (_source, args, context, info) => {
        const orderBy = writtenSortKeys(args.orderBy, context, info);
        const query = args.filter ? { filter: args.filter, orderBy } : { orderBy };
        const page = pageOf(queryStream(context.tenant.stream(type.id), query, readable), args);
        if (context.served) for (const { rtId: device, ts } of page.items) context.served.add(device, ts);
        return page;
      }),
    },
  };
}

interface StreamArguments extends PageArguments {
  filter?: FilterTree | null;
  orderBy?: Record<string, unknown> | null;
}

function measuredFields(type: TypeModel, attributes: AttributeTypes): Fields {
  return Object.fromEntries(
    type.attributes.map((attribute, i) => [
      attribute.name,
      {
        type: attributes.output(attribute),
        resolve: (row: unknown) => (row as Row).values[i] ?? null,
        ...describedBy(attribute),
      },
    ]),
  );
}

/** A stream as an association shows it: one value a row. */
export function streamView(type: TypeModel, attributes: AttributeTypes): GraphQLObjectType {
  const at = type.attributes.findIndex(({ name }) => name === type.valueAttribute);
  const attribute = type.attributes[at];
  const valueType: GraphQLOutputType = attribute ? attributes.output(attribute) : Decimal;
  return new GraphQLObjectType({
    name: `${type.name}View`,
    description: `${type.id}, ${attribute ? `its ${attribute.name}` : 'without a value'}`,
    fields: { timestamp, value: { type: valueType, resolve: (row: unknown) => (row as Row).values[at] ?? null } },
  });
}

export function readableRows(type: TypeModel): Readable<Row> {
  const places = new Map(type.attributes.map((attribute, i) => [attribute.name, { at: i, type: attribute.type }]));
  return {
    typeOf: (attribute) => (attribute === 'timestamp' ? 'dateTime' : (places.get(attribute)?.type ?? 'string')),
    read: (row, attribute) => {
      if (attribute === 'rtId') return row.rtId;
      if (attribute === 'timestamp') return row.ts;
      const place = places.get(attribute);
      const value = place && row.values[place.at];
      return place?.type === 'dateTime' && typeof value === 'string' ? parseTime(value) : value;
    },
  };
}
