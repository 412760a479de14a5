const TYPE = 'kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }';

/** Everything that we want to know of a tenant's schema, and no more of it. */
export const INTROSPECTION = `query {
  __schema {
    queryType { name }
    mutationType { name }
    types {
      kind name description
      fields(includeDeprecated: true) {
        name description
        args { name type { ${TYPE} } defaultValue }
        type { ${TYPE} }
      }
      inputFields { name type { ${TYPE} } defaultValue }
      enumValues(includeDeprecated: true) { name }
      possibleTypes { name }
    }
  }
}`;

/** The cheapest question there is. */
export const ALIVE = 'query { __typename }';
