import { InvalidRequestError, type Json, MalformedResponseError } from '@tributary/contracts';
import {
  buildClientSchema,
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  type IntrospectionQuery,
  isInputObjectType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import {
  type DocumentName,
  documentedSchema,
  documents,
  type FoundMutation,
  type RootField,
  results,
  rootFieldNames,
  rootFields,
} from './dialect.ts';
import { type Fitted, fitDocument } from './schema.fit.ts';

export type Names = { [F in RootField]?: string | undefined };

/** One input of a mutation: a field that a caller may give. */
export interface Input {
  name: string;
  required: boolean;
  list: boolean;
  /** Name of its type in the vendor's schema. */
  type: string;
}

/** A mutation with its variables, ready to be sent. */
export interface Mutation {
  text: string;
  variables: Record<string, Json>;
}

/** What an instance offers, read from its own schema. Pure: who asked for the schema is somebody else. */
export class Offered {
  readonly #schema: GraphQLSchema;
  readonly #names: Names;
  readonly #documents = new Map<DocumentName, Fitted | undefined>();

  constructor(schema: GraphQLSchema, names: Names) {
    this.#schema = schema;
    this.#names = names;
  }

  /** The part that the vendor documents, for an instance that does not answer introspection. */
  static documented(names: Names = {}): Offered {
    return new Offered(buildSchema(documentedSchema), names);
  }

  /** Throws `MalformedResponseError` when the answer is no schema. */
  static introspected(answer: unknown, names: Names): Offered {
    try {
      return new Offered(buildClientSchema(answer as IntrospectionQuery), names);
    } catch (cause) {
      throw new MalformedResponseError('EXO-20: the answer to the introspection is no schema', { cause });
    }
  }

  has(field: RootField): boolean {
    return this.#field(field) !== undefined;
  }

  /** The document as this instance understands it; undefined where it lacks the root field. */
  document(name: DocumentName): Fitted | undefined {
    if (!this.#documents.has(name)) {
      this.#documents.set(
        name,
        fitDocument(documents[name], this.#schema, (field) => this.#nameOf(field)),
      );
    }
    return this.#documents.get(name);
  }

  /** Whether `document` was left with this field, written as a path such as `asset.signals.data`. */
  offers(name: DocumentName, path: string): boolean {
    return this.document(name)?.fields.has(path) ?? false;
  }

  /** Fields that a caller may give to a mutation, those of its input objects in place of them. */
  inputs(field: FoundMutation): Input[] {
    return (this.#field(field)?.args ?? []).flatMap((arg) => {
      const type = getNamedType(arg.type);
      if (!isInputObjectType(type)) return [inputOf(arg.name, arg, isRequiredArgument(arg))];
      return Object.values(type.getFields()).map((own) => inputOf(own.name, own, isRequiredInputField(own)));
    });
  }

  /**
   * Puts values where the mutation takes them: as arguments, or into its input object. Names are compared without case
   * and underscores. Throws `InvalidRequestError` naming what is not taken, or what is missing.
   */
  mutation(field: FoundMutation, values: Record<string, Json>): Mutation {
    const found = this.#field(field);
    if (!found) throw new InvalidRequestError(`the platform's schema has no mutation ${this.#nameOf(field)}`);
    const left = new Map(Object.entries(values).map(([name, value]) => [plain(name), { name, value }]));
    const take = (name: string): Json | undefined => {
      const given = left.get(plain(name));
      left.delete(plain(name));
      return given?.value;
    };
    const given = found.args.flatMap((arg) => {
      const value = valueFor(arg, take);
      return value === undefined ? [] : [{ arg, value }];
    });
    const unknown = [...left.values()].map(({ name }) => name);
    if (unknown.length > 0) {
      const known = this.inputs(field).map(({ name }) => name);
      throw new InvalidRequestError(`the platform does not take ${unknown.join(', ')}; it takes ${known.join(', ')}`);
    }
    return this.#mutationText(field, given);
  }

  /** What the settings name and the schema does not have, and what of the documented part is missing. */
  problems(): string[] {
    return rootFieldNames.flatMap((field) => {
      const documented = field === 'assets' || field === 'asset' || field === 'deleteAsset';
      if (this.has(field) || !(documented || this.#names[field])) return [];
      const where = this.#names[field] ? `settings.names.${field}: ` : '';
      return [`${where}the platform's schema has no ${rootFields[field]} ${this.#nameOf(field)}`];
    });
  }

  #mutationText(field: FoundMutation, given: { arg: GraphQLArgument; value: Json }[]): Mutation {
    const declared = given.map(({ arg }) => `$${arg.name}: ${String(arg.type)}`).join(', ');
    const passed = given.map(({ arg }) => `${arg.name}: $${arg.name}`).join(', ');
    const heads = given.length === 0 ? ['', ''] : [`(${declared})`, `(${passed})`];
    const wished = `mutation Change${heads[0]} { ${field}${heads[1]} ${results[field]} }`;
    const fitted = fitDocument(wished, this.#schema, (root) => this.#nameOf(root));
    if (!fitted) throw new InvalidRequestError(`the platform's schema has no mutation ${this.#nameOf(field)}`);
    if (fitted.problems.length > 0) throw new InvalidRequestError(fitted.problems.join('; '));
    return { text: fitted.text, variables: Object.fromEntries(given.map(({ arg, value }) => [arg.name, value])) };
  }

  #nameOf(field: string): string {
    return this.#names[field as RootField] ?? field;
  }

  #field(field: RootField): GraphQLField<unknown, unknown> | undefined {
    const type = rootFields[field] === 'query' ? this.#schema.getQueryType() : this.#schema.getMutationType();
    return type?.getFields()[this.#nameOf(field)];
  }
}

const plain = (name: string): string => name.toLowerCase().replaceAll('_', '');

function valueFor(arg: GraphQLArgument, take: (name: string) => Json | undefined): Json | undefined {
  const type = getNamedType(arg.type);
  if (!isInputObjectType(type)) return present(arg.name, take(arg.name), isRequiredArgument(arg));
  const members = Object.values(type.getFields()).flatMap((field) => {
    const value = present(field.name, take(field.name), isRequiredInputField(field));
    return value === undefined ? [] : [[field.name, value] as const];
  });
  return Object.fromEntries(members);
}

function present(name: string, value: Json | undefined, required: boolean): Json | undefined {
  if (value === undefined && required) throw new InvalidRequestError(`the platform requires ${name}`);
  return value;
}

const inputOf = (name: string, { type }: Pick<GraphQLArgument, 'type'>, required: boolean): Input => ({
  name,
  required,
  list: isListType(getNullableType(type)),
  type: getNamedType(type).name,
});
