import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { badRequest } from '../http/problem-error.ts';

/** What is known of a document before it is sent. */
export interface GraphqlOperation {
  kind: 'query' | 'mutation';
  name?: string | undefined;
}

/** A document of more is no question to a platform. */
const MAX_TOKENS = 10_000;

/**
 * Which operation of a document will run. Throws 400 for what is no GraphQL, for a document of which it is not clear
 * which operation is meant, and for a subscription; nothing of the document stands in the message but where the fault is.
 */
export async function operationOf(query: string, operationName: string | undefined): Promise<GraphqlOperation> {
  const operations = (await parsed(query)).definitions.filter((node) => node.kind === 'OperationDefinition');
  const { operation, name } = chosen(operations, operationName);
  if (operation === 'subscription') throw fault('/body/query', 'a subscription cannot be answered here');
  return { kind: operation, name: name?.value };
}

function chosen(operations: OperationDefinitionNode[], operationName: string | undefined): OperationDefinitionNode {
  const candidates =
    operationName === undefined ? operations : operations.filter(({ name }) => name?.value === operationName);
  const [only, ...others] = candidates;
  if (only && others.length === 0) return only;
  if (operationName !== undefined) throw fault('/body/operationName', 'names no operation, or more than one');
  if (only) throw fault('/body/operationName', 'is required where a document has several operations');
  throw fault('/body/query', 'has no operation');
}

async function parsed(query: string): Promise<DocumentNode> {
  // Loaded by the first document: few callers ask so.
  const { GraphQLError, parse } = await import('graphql');
  try {
    return parse(query, { maxTokens: MAX_TOKENS, noLocation: true });
  } catch (error) {
    // The parser calls itself for every level.
    if (error instanceof RangeError) throw fault('/body/query', 'is nested too deeply');
    if (!(error instanceof GraphQLError)) throw error;
    const [at] = error.locations ?? [];
    throw fault('/body/query', at ? `is no GraphQL at line ${at.line}, column ${at.column}` : 'is too long');
  }
}

const fault = (pointer: string, detail: string) => badRequest([{ pointer, detail }]);
