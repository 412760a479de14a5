import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
  specifiedRules,
  ValuesOfCorrectTypeRule,
  validate,
} from 'graphql';

export interface ReadDocument {
  document?: DocumentNode;
  /** Why it cannot be run at all: its syntax, or the schema. */
  errors: readonly GraphQLError[];
  /** Values that do not fit their types. */
  valueErrors: readonly GraphQLError[];
}

const RULES = specifiedRules.filter((rule) => rule !== ValuesOfCorrectTypeRule);
const MOST_DOCUMENTS = 200;
/** A document of more tokens is refused, as servers do. */
const MOST_TOKENS = 20_000;

/** Documents are read once: clients send the same ones again and again. */
export class DocumentCache {
  readonly #schema: GraphQLSchema;
  readonly #read = new Map<string, ReadDocument>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  read(text: string): ReadDocument {
    const known = this.#read.get(text);
    if (known) return known;
    const document = this.#fresh(text);
    const [oldest] = this.#read.keys();
    if (this.#read.size >= MOST_DOCUMENTS && oldest !== undefined) this.#read.delete(oldest);
    this.#read.set(text, document);
    return document;
  }

  #fresh(text: string): ReadDocument {
    try {
      const document = parse(text, { maxTokens: MOST_TOKENS });
      const errors = validate(this.#schema, document, RULES);
      const valueErrors = errors.length > 0 ? [] : validate(this.#schema, document, [ValuesOfCorrectTypeRule]);
      return { document, errors, valueErrors };
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error], valueErrors: [] };
      throw error;
    }
  }
}

/** The operation that would run; undefined when that cannot be told. */
export function chosenOperation(
  document: DocumentNode | undefined,
  name: string | null | undefined,
): OperationDefinitionNode | undefined {
  const operations = (document?.definitions ?? []).filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (typeof name === 'string' && name !== '') return operations.find((one) => one.name?.value === name);
  return operations.length === 1 ? operations[0] : undefined;
}

export interface AskedField {
  root: string;
  field: string;
}

/** Fields below `runtime` and `streamData`, fragments included. */
export function askedFields(document: DocumentNode, operation: OperationDefinitionNode): AskedField[] {
  return fieldsOf(document, operation.selectionSet.selections, 0).flatMap((root) =>
    fieldsOf(document, root.selectionSet?.selections ?? [], 0).map((field) => ({
      root: root.name.value,
      field: field.name.value,
    })),
  );
}

function fieldsOf(document: DocumentNode, selections: readonly SelectionNode[], depth: number): FieldNode[] {
  if (depth > 10) return [];
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return fieldsOf(document, selection.selectionSet.selections, depth + 1);
    const fragment = document.definitions.find(
      (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION
      ? fieldsOf(document, fragment.selectionSet.selections, depth + 1)
      : [];
  });
}

/** Id of the documented operation that a GraphQL request is: streams before all, else what its first field does. */
export function operationId(fields: readonly AskedField[]): string {
  if (fields.some(({ root }) => root === 'streamData')) return 'OCTO-10';
  const first = fields.find(({ root }) => root === 'runtime')?.field ?? '';
  const known = NAMES.find(([pattern]) => pattern.test(first));
  return known?.[1] ?? 'OCTO-04';
}

const NAMES: ReadonlyArray<readonly [RegExp, string]> = [
  [/^createRt/, 'OCTO-11'],
  [/^updateRt/, 'OCTO-12'],
  [/^deleteRt/, 'OCTO-13'],
  [/^(add|remove)AssociationRt/, 'OCTO-14'],
  [/^rt.+ById$/, 'OCTO-07'],
  [/^rt.+ByWellKnownName$/, 'OCTO-08'],
  [/^rt[A-Z]/, 'OCTO-06'],
];
