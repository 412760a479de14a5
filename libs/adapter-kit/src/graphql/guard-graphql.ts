import { InvalidRequestError, type Json } from '@tributary/contracts';
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import type { GraphqlDocument } from '../contract.ts';
import { defaultGraphqlLimits, type GraphqlLimits } from './graphql-limits.ts';
import { parseBounded } from './parse-bounded.ts';
import { pickOperation } from './pick-operation.ts';
import { Weigher } from './weigher.ts';

export interface GraphqlAsked {
  query: string;
  variables?: { [key: string]: Json };
  operationName?: string;
  allowMutations: boolean;
}

/**
 * Lets a caller's document through to a platform, or throws `InvalidRequestError` with the reason. What comes out is
 * parsed, holds queries only (and mutations where allowed), is within `limits` after its fragments are put in place,
 * and names the one operation that will run. Takes time in proportion to the document, whatever its fragments would
 * grow to.
 */
export function guardGraphql(asked: GraphqlAsked, limits: GraphqlLimits = defaultGraphqlLimits): GraphqlDocument {
  const { query, variables, operationName, allowMutations } = asked;
  checkVariables(variables, limits);
  const document = parseBounded(query, limits);
  const { operations, fragments } = definitionsOf(document);
  if (operations.length > limits.operations) {
    throw new InvalidRequestError(`the document holds more than ${limits.operations} operations`);
  }
  if (fragments.size > limits.fragments) {
    throw new InvalidRequestError(`the document holds more than ${limits.fragments} fragments`);
  }
  for (const operation of operations) checkKind(operation, allowMutations);
  const chosen = pickOperation(operations, operationName);
  const weigher = new Weigher(fragments, limits);
  // Those that do not run are read by the platform all the same.
  for (const operation of operations) weigher.check(operation);
  return {
    query,
    operation: chosen.operation === 'mutation' ? 'mutation' : 'query',
    ...(operationName === undefined ? {} : { operationName }),
    ...(variables === undefined ? {} : { variables }),
  };
}

function checkVariables(variables: GraphqlAsked['variables'], { variablesBytes }: GraphqlLimits): void {
  if (variables === undefined) return;
  if (Buffer.byteLength(JSON.stringify(variables)) > variablesBytes) {
    throw new InvalidRequestError(`the variables are larger than ${variablesBytes} bytes`);
  }
}

function definitionsOf(document: DocumentNode): {
  operations: OperationDefinitionNode[];
  fragments: Map<string, FragmentDefinitionNode>;
} {
  const operations: OperationDefinitionNode[] = [];
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === 'OperationDefinition') operations.push(definition);
    else if (definition.kind !== 'FragmentDefinition') {
      throw new InvalidRequestError('the document defines types; only operations and fragments are taken');
    } else if (fragments.has(definition.name.value)) {
      throw new InvalidRequestError(`the fragment ${definition.name.value} is defined twice`);
    } else fragments.set(definition.name.value, definition);
  }
  return { operations, fragments };
}

function checkKind({ operation }: OperationDefinitionNode, allowMutations: boolean): void {
  if (operation === 'subscription') throw new InvalidRequestError('subscriptions are not passed on');
  if (operation === 'mutation' && !allowMutations) throw new InvalidRequestError('mutations are not allowed here');
}
