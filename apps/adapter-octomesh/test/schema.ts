import { buildSchema, type GraphQLSchema, graphqlSync } from 'graphql';
import { INTROSPECTION } from '../src/dialect/introspection.ts';
import { buildModel } from '../src/schema/build-model.ts';
import { type Libraries, NO_LIBRARIES, type SchemaModel } from '../src/schema/model.ts';
import { TypeMap } from '../src/schema/type-map.ts';
import { TypeNames } from '../src/schema/type-names.ts';
import { introspected, wireType } from '../src/wire.ts';

const filterOf = (type: string, operators: string) =>
  `input ${type}Filter { ${operators
    .split(' ')
    .map((name) => `${name}: ${type}`)
    .join(' ')} in: [${type}!] }`;

/** A tenant as the vendor's examples show it, written down once more: nothing of it comes from a server. */
export const documentedSchema: GraphQLSchema = buildSchema(`
  scalar OctoObjectId
  scalar DateTime
  scalar Decimal
  scalar Long
  enum Status { Active Maintenance }
  enum Order { ASC DESC }
  ${filterOf('String', 'eq neq gt gte lt lte contains startsWith endsWith')}
  ${filterOf('OctoObjectId', 'eq neq gt gte lt lte')}
  ${filterOf('Decimal', 'eq neq gt gte lt lte')}
  ${filterOf('Long', 'eq neq gt gte lt lte')}
  ${filterOf('Int', 'eq neq gt gte lt lte')}
  ${filterOf('Boolean', 'eq neq')}
  ${filterOf('DateTime', 'eq neq gt gte lt lte')}
  type PageInfo { hasNextPage: Boolean! endCursor: String totalCount: Int }
  type Calibration { certificate: String at: DateTime }
  type Meter {
    rtId: OctoObjectId! ckTypeId: String! wellKnownName: String
    name: String serialNumber: String! manufacturer: String status: Status installed: DateTime maxCapacity: Decimal
    pulses: Long phases: Int isVirtual: Boolean! tags: [String!] calibration: Calibration
    location(first: Int, after: String): LocationConnection
    contacts(first: Int, after: String): ContactConnection
    readings(first: Int): ReadingViewConnection
    scaled(by: Int!): Decimal
  }
  type Location { rtId: OctoObjectId! ckTypeId: String! wellKnownName: String name: String location(first: Int): LocationConnection }
  type Person { rtId: OctoObjectId! ckTypeId: String! name: String }
  union Contact = Person | Location
  type ContactConnection { items: [Contact!]! pageInfo: PageInfo }
  type ReadingView { timestamp: DateTime! value: Decimal }
  type Reading { rtId: OctoObjectId! timestamp: DateTime! voltage: Decimal power: Decimal ok: Boolean note: String }
  type MeterConnection { items: [Meter!]! pageInfo: PageInfo! }
  type LocationConnection { items: [Location!]! pageInfo: PageInfo! }
  type PersonConnection { items: [Person!]! pageInfo: PageInfo! totalCount: Int }
  type ReadingViewConnection { items: [ReadingView!]! pageInfo: PageInfo! }
  type ReadingConnection { items: [Reading!]! pageInfo: PageInfo! }
  input MeterFilter {
    rtId: OctoObjectIdFilter wellKnownName: StringFilter name: StringFilter serialNumber: StringFilter
    manufacturer: StringFilter status: StringFilter installed: DateTimeFilter maxCapacity: DecimalFilter
    pulses: LongFilter phases: IntFilter isVirtual: BooleanFilter AND: [MeterFilter!] OR: [MeterFilter!]
  }
  input ReadingFilter { rtId: OctoObjectIdFilter timestamp: DateTimeFilter AND: [ReadingFilter!] OR: [ReadingFilter!] }
  input MeterOrder { rtId: Order name: Order status: Order }
  input ReadingOrder { timestamp: Order }
  type RuntimeQuery {
    rtIndustryEnergyEnergyMeter(first: Int, after: String, filter: MeterFilter, orderBy: MeterOrder): MeterConnection
    rtIndustryEnergyEnergyMeterById(rtId: OctoObjectId!): Meter
    rtIndustryEnergyEnergyMeterByWellKnownName(wellKnownName: String): Meter
    rtIndustryCommonLocation(first: Int, after: String): LocationConnection
    rtIndustryCommonLocationById(rtId: OctoObjectId!): Location
    rtPerson(first: Int, after: String): PersonConnection
    rtversion: String
  }
  type StreamQuery {
    tsIndustryEnergyMeterReading(first: Int, after: String, filter: ReadingFilter, orderBy: ReadingOrder): ReadingConnection
  }
  input MeterAttributes {
    name: String serialNumber: String! manufacturer: String status: Status = Active installed: DateTime
    maxCapacity: Decimal pulses: Long phases: Int isVirtual: Boolean tags: [String!]
  }
  input MeterChanges { name: String serialNumber: String manufacturer: String status: Status phases: Int }
  input CreateMeterInput { wellKnownName: String attributes: MeterAttributes! }
  input UpdateMeterInput { wellKnownName: String attributes: MeterChanges }
  type RuntimeMutation {
    createRtIndustryEnergyEnergyMeter(entity: CreateMeterInput!): Meter
    updateRtIndustryEnergyEnergyMeter(rtId: OctoObjectId!, entity: UpdateMeterInput!): Meter
    deleteRtIndustryEnergyEnergyMeter(rtId: OctoObjectId!): Boolean!
    addAssociationRtIndustryEnergyEnergyMeter(rtId: OctoObjectId!, association: String!, targetRtIds: [OctoObjectId!]!): Meter
  }
  type Query { runtime: RuntimeQuery streamData: StreamQuery }
  type Mutation { runtime: RuntimeMutation }
`);

export function modelOf(schema: GraphQLSchema = documentedSchema, libraries: Libraries = NO_LIBRARIES): SchemaModel {
  const { data } = graphqlSync({ schema, source: INTROSPECTION });
  const { __schema: read } = introspected.parse(data);
  const types = new TypeMap(read.types.map((type) => wireType.parse(type)));
  const roots = { query: read.queryType.name, mutation: read.mutationType?.name };
  return buildModel(types, roots, new TypeNames(libraries.ids), libraries);
}
