import { type ExecutionResult, execute, GraphQLError, Kind, type OperationDefinitionNode } from 'graphql';
import type { GraphqlContext } from './graphql-context.ts';
import type { ReadDocument } from './graphql-document.ts';
import { badDocument, envelope, validationError } from './vendor-error.ts';

export interface GraphqlRequest {
  query: string;
  variables: Readonly<Record<string, unknown>>;
  operationName: string | null;
}

export interface AnswerOptions {
  /** Whether fields that could be answered are kept beside errors; the documented envelope has no data then. */
  partial: boolean;
}

/** The body of a 200. Throws the refusals with other statuses. */
export async function answerGraphql(
  read: ReadDocument,
  request: GraphqlRequest,
  operation: OperationDefinitionNode,
  context: GraphqlContext,
  options: AnswerOptions,
): Promise<string> {
  const { document } = read;
  if (!document || read.errors.length > 0) return refuseDocument(read.errors);
  if (read.valueErrors.length > 0) return refuseValues(operation, read.valueErrors);
  const result = await execute({
    schema: context.tenant.schema,
    document,
    contextValue: context,
    variableValues: request.variables,
    operationName: request.operationName,
  });
  return resultText(operation, result, options);
}

function resultText(operation: OperationDefinitionNode, result: ExecutionResult, { partial }: AnswerOptions): string {
  const { data, errors } = result;
  if (!errors) return JSON.stringify({ data });
  // Without a data member execution has not begun: a variable does not fit its type.
  if (data === undefined) return refuseValues(operation, errors);
  const unexpected = errors.find((error) => error.originalError && !error.extensions.code);
  if (unexpected?.originalError) throw unexpected.originalError;
  return partial ? JSON.stringify({ data, errors }) : envelope(errors);
}

/** A name that follows the pattern of types but names none is another matter than a field that could never be. */
function refuseDocument(errors: readonly GraphQLError[]): string {
  const unknownTypes = errors.flatMap((error) => unknownType(error) ?? []);
  if (unknownTypes.length > 0) return envelope(unknownTypes);
  throw badDocument(errors);
}

const TYPE_FIELDS = /^(?:rt|ts|createRt|updateRt|deleteRt|addAssociationRt)([A-Z]\w*?)(?:ById|ByWellKnownName)?$/;
const TYPE_ROOTS = /on type "(Runtime|Stream)(Query|Mutation)"/;

function unknownType(error: GraphQLError): GraphQLError | undefined {
  const node = error.nodes?.[0];
  if (node?.kind !== Kind.FIELD || !TYPE_ROOTS.test(error.message)) return undefined;
  const type = TYPE_FIELDS.exec(node.name.value)?.[1];
  if (type === undefined) return undefined;
  const root = error.message.includes('on type "Stream') ? 'streamData' : 'runtime';
  return new GraphQLError('Construction Kit type not found', {
    nodes: [node],
    path: [root, node.alias?.value ?? node.name.value],
    extensions: { code: 'CK_TYPE_NOT_FOUND', details: { ckType: type } },
  });
}

/** What a mutation is given is input that the platform looks at; what a query is given belongs to the document. */
function refuseValues(operation: OperationDefinitionNode, errors: readonly GraphQLError[]): string {
  if (operation.operation !== 'mutation') throw badDocument(errors);
  return envelope(
    errors.map((error) => {
      const attribute = culprit(error);
      const { extensions } = validationError(error.message, attribute === undefined ? {} : { attribute });
      return new GraphQLError(error.message, { nodes: error.nodes ?? [], extensions });
    }),
  );
}

/** The member that is wrong, as far as the message or the document tells. */
function culprit(error: GraphQLError): string | undefined {
  const missing = /[Ff]ield "(?:\w+\.)?(\w+)"/.exec(error.message)?.[1];
  const at = /invalid value at (?:\.?\w+|\[\d+\])*?\.(\w+)(?:\[\d+\])*:/.exec(error.message)?.[1];
  return missing ?? at ?? nodeName(error);
}

function nodeName(error: GraphQLError): string | undefined {
  const node = error.nodes?.[0];
  const text = node?.loc?.source.body;
  if (!node?.loc || text === undefined) return undefined;
  return /(\w+)\s*:\s*$/.exec(text.slice(0, node.loc.start))?.[1];
}
