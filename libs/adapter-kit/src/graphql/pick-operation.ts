import { InvalidRequestError } from '@tributary/contracts';
import type { OperationDefinitionNode } from 'graphql';

/** The operation that a platform would run (GraphQL specification, "GetOperation"). Throws `InvalidRequestError`. */
export function pickOperation(
  operations: readonly OperationDefinitionNode[],
  operationName: string | undefined,
): OperationDefinitionNode {
  const [first, second] = operations;
  if (!first) throw new InvalidRequestError('the document holds no operation');
  checkNames(operations);
  if (operationName === undefined) {
    if (second) throw new InvalidRequestError('the document holds several operations: say which one by operationName');
    return first;
  }
  const named = operations.find(({ name }) => name?.value === operationName);
  if (!named) throw new InvalidRequestError('the document holds no operation of the name in operationName');
  return named;
}

function checkNames(operations: readonly OperationDefinitionNode[]): void {
  const names = new Set<string>();
  for (const { name } of operations) {
    if (!name && operations.length > 1) {
      throw new InvalidRequestError('an operation without a name must be the only one of the document');
    }
    if (name && names.has(name.value)) throw new InvalidRequestError(`the operation ${name.value} is there twice`);
    if (name) names.add(name.value);
  }
}
