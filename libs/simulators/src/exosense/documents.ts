import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  separateOperations,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';

export interface RequestBody {
  query: string;
  operationName?: string | undefined;
}

/** A document and the operation that was chosen from it; or what is wrong with them. */
export type Understood =
  | { document: DocumentNode; operation: OperationDefinitionNode; id: string; fields: string[] }
  | { errors: readonly GraphQLError[] };

const MOST_KEPT = 200;
const MOST_TOKENS = 100_000;

/** Fields of these types called `data` are measured values. */
const MEASURING_TYPES = ['Signal', 'Channel', 'Rule'];

/** Reads documents, and keeps what it has read: clients send the same ones again and again. */
export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #kept = new Map<string, Understood>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  understand(body: RequestBody): Understood {
    const key = `${body.operationName ?? ''}\n${body.query}`;
    const known = this.#kept.get(key);
    if (known) return known;
    const understood = this.#read(body);
    this.#kept.set(key, understood);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return understood;
  }

  #read({ query, operationName }: RequestBody): Understood {
    const document = parseSafely(query);
    if (document instanceof GraphQLError) return { errors: [document] };
    const operation = chosenOperation(document, operationName);
    if (operation instanceof GraphQLError) return { errors: [operation] };
    if (operation.operation === OperationTypeNode.SUBSCRIPTION)
      return { errors: [new GraphQLError('Subscriptions are not supported', { nodes: operation })] };
    const errors = validate(this.#schema, document);
    if (errors.length > 0) return { errors };
    return { document, operation, ...this.#purpose(document, operation) };
  }

  /** What the operation is for, as the catalogue of operations names it; mutations without an id are named by field. */
  #purpose(document: DocumentNode, operation: OperationDefinitionNode): { id: string; fields: string[] } {
    const typeInfo = new TypeInfo(this.#schema);
    const fields: string[] = [];
    let measures = false;
    let pages = false;
    const root = operation.operation === OperationTypeNode.MUTATION ? 'Mutation' : 'Query';
    const own = separateOperations(document)[operation.name?.value ?? ''] ?? document;
    visit(
      own,
      visitWithTypeInfo(typeInfo, {
        Field: (node) => {
          const parent = typeInfo.getParentType()?.name ?? '';
          if (parent === root || node.name.value.startsWith('__')) fields.push(node.name.value);
          if (node.name.value === 'data' && MEASURING_TYPES.includes(parent)) measures = true;
          if (node.arguments?.some((argument) => argument.name.value === 'pagination')) pages = true;
        },
      }),
    );
    const distinct = [...new Set(fields)].filter((name) => name !== '__typename');
    return { id: purposeOf(root, distinct, measures, pages), fields: distinct };
  }
}

function purposeOf(root: string, fields: readonly string[], measures: boolean, pages: boolean): string {
  if (fields.includes('deleteAsset')) return 'EXO-10';
  if (root === 'Mutation') return `EXO-01:${fields[0] ?? ''}`;
  if (fields.length > 0 && fields.every((name) => name.startsWith('__'))) return 'EXO-20';
  if (measures) return 'EXO-21';
  if (fields.includes('assets')) return pages ? 'EXO-06' : 'EXO-05';
  return fields.includes('asset') ? 'EXO-07' : 'EXO-01';
}

function parseSafely(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: MOST_TOKENS });
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

function chosenOperation(document: DocumentNode, name: string | undefined): OperationDefinitionNode | GraphQLError {
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const [first] = operations;
  if (!first) return new GraphQLError('Must provide an operation.');
  if (name === undefined) {
    if (operations.length === 1) return first;
    return new GraphQLError('Must provide operation name if query contains multiple operations.', {
      nodes: operations,
    });
  }
  return operations.find((one) => one.name?.value === name) ?? new GraphQLError(`Unknown operation named "${name}".`);
}
