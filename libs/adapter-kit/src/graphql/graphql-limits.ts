/** What a caller's GraphQL document may be at most. Counts are those after fragments are put in place. */
export interface GraphqlLimits {
  documentBytes: number;
  tokens: number;
  /** Brackets of any kind within each other, literals and types included. */
  nesting: number;
  variablesBytes: number;
  operations: number;
  fragments: number;
  /** Fields within each other. */
  depth: number;
  /** Fields of one operation. */
  fields: number;
  /** Fields under another name than their own: one field many times is many fields to the platform. */
  aliases: number;
  /** Directives of one operation. */
  directives: number;
  /** `__schema` and `__type` of one operation. */
  introspections: number;
  /** Depth within an introspection: types of types in a chain. */
  introspectionDepth: number;
  /** Lists within lists of an introspection (fields, inputFields, interfaces, possibleTypes): each multiplies the answer. */
  introspectionLists: number;
}

/** An ordinary introspection query, as tools send it, passes. */
export const defaultGraphqlLimits: GraphqlLimits = {
  documentBytes: 64 * 1024,
  tokens: 10_000,
  nesting: 64,
  variablesBytes: 256 * 1024,
  operations: 10,
  fragments: 100,
  depth: 15,
  fields: 1_000,
  aliases: 50,
  directives: 50,
  introspections: 3,
  introspectionDepth: 20,
  introspectionLists: 3,
};
