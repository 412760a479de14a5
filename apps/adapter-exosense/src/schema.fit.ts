import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  parseType,
  print,
  TypeInfo,
  type VariableDefinitionNode,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** A document as one instance understands it. */
export interface Fitted {
  text: string;
  /** The root field alone, as it stands in the text: what a request with many of it repeats. */
  root: string;
  /** Variables that are left, with their types in the instance's schema. */
  variables: ReadonlyMap<string, string>;
  /** Paths of the fields that are left, by the names of the wish. */
  fields: ReadonlySet<string>;
  /** Why the instance would still refuse it, in GraphQL's words. */
  problems: string[];
}

/**
 * Fits a wished document to a schema: the root field gets the instance's name (and answers under its own), fields and
 * arguments that the schema lacks are left out, a field that has no members here is asked for without them, and
 * variables get the types that the schema wants. Undefined where the schema has no such root field.
 */
export function fitDocument(
  wish: string,
  schema: GraphQLSchema,
  nameOf: (field: string) => string,
): Fitted | undefined {
  const renamed = renameRoot(parse(wish), nameOf);
  const variables = new Map<string, string>();
  const pruned = prune(renamed, schema, variables);
  const operation = operationOf(pruned);
  const [root] = operation?.selectionSet.selections ?? [];
  if (!operation || root?.kind !== Kind.FIELD) return undefined;
  const document: DocumentNode = { ...pruned, definitions: [{ ...operation, ...declared(variables) }] };
  return {
    text: print(document),
    root: print(root),
    variables,
    fields: pathsOf(root),
    problems: validate(schema, document).map(({ message }) => message),
  };
}

const operationOf = ({ definitions }: DocumentNode): OperationDefinitionNode | undefined =>
  definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);

function renameRoot(document: DocumentNode, nameOf: (field: string) => string): DocumentNode {
  const rename = (field: FieldNode): FieldNode => {
    const own = nameOf(field.name.value);
    if (own === field.name.value) return field;
    return { ...field, name: { ...field.name, value: own }, alias: { kind: Kind.NAME, value: field.name.value } };
  };
  const definitions = document.definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? {
          ...definition,
          selectionSet: {
            ...definition.selectionSet,
            selections: definition.selectionSet.selections.map((node) =>
              node.kind === Kind.FIELD ? rename(node) : node,
            ),
          },
        }
      : definition,
  );
  return { ...document, definitions };
}

function prune(document: DocumentNode, schema: GraphQLSchema, variables: Map<string, string>): DocumentNode {
  const info = new TypeInfo(schema);
  return visit(
    document,
    visitWithTypeInfo(info, {
      VariableDefinition: () => false,
      Field: {
        enter: () => (info.getFieldDef() ? undefined : null),
        leave: (field) => fitMembers(field, info),
      },
      Argument: (argument: ArgumentNode) => {
        const type = info.getArgument() ? info.getInputType() : undefined;
        if (!type) return null;
        if (argument.value.kind === Kind.VARIABLE) variables.set(argument.value.name.value, String(type));
        return undefined;
      },
    }),
  );
}

/** Called when a field's own members have been fitted; null leaves the field out. */
function fitMembers(field: FieldNode, info: TypeInfo): FieldNode | null | undefined {
  const type = getNamedType(info.getType());
  if (!type) return undefined;
  if (!isCompositeType(type)) return field.selectionSet ? { ...field, selectionSet: undefined } : undefined;
  if (field.selectionSet && field.selectionSet.selections.length > 0) return undefined;
  // Asked for as a plain value, or nothing of what was wished for is there: its id stands for it where it has one.
  const id = isObjectType(type) && type.getFields().id;
  if (!id || field.arguments?.length) return null;
  const selections: FieldNode[] = [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'id' } }];
  return { ...field, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

function declared(variables: ReadonlyMap<string, string>): { variableDefinitions: VariableDefinitionNode[] } {
  const variableDefinitions = [...variables].map(
    ([name, type]): VariableDefinitionNode => ({
      kind: Kind.VARIABLE_DEFINITION,
      variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } },
      type: parseType(type),
    }),
  );
  return { variableDefinitions };
}

function pathsOf(field: FieldNode, prefix = ''): Set<string> {
  const path = `${prefix}${field.alias?.value ?? field.name.value}`;
  const inner = (field.selectionSet?.selections ?? []).flatMap((node) =>
    node.kind === Kind.FIELD ? [...pathsOf(node, `${path}.`)] : [],
  );
  return new Set([path, ...inner]);
}
