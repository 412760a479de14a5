import { InvalidRequestError } from '@tributary/contracts';
import type { DirectiveNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import type { GraphqlLimits } from './graphql-limits.ts';

/** What a set of selections comes to once every fragment in it is put in its place. */
interface Weight {
  fields: number;
  aliases: number;
  directives: number;
  introspections: number;
  depth: number;
  /** Deepest chain below `__schema` or `__type`, and most lists within lists there. */
  introspectionDepth: number;
  introspectionLists: number;
  /** The same for these selections wherever they stand, should that be within an introspection. */
  lists: number;
}

const nothing: Weight = {
  fields: 0,
  aliases: 0,
  directives: 0,
  introspections: 0,
  depth: 0,
  introspectionDepth: 0,
  introspectionLists: 0,
  lists: 0,
};

const introspectionFields = new Set(['__schema', '__type']);
const introspectionLists = new Set(['fields', 'inputFields', 'interfaces', 'possibleTypes']);
/** Answers that come in parts are no answers of ours. */
const refusedDirectives = new Set(['defer', 'stream']);

/** Weighs operations. Each fragment is weighed once, so that one that doubles itself thirty times costs thirty steps. */
export class Weigher {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #limits: GraphqlLimits;
  readonly #known = new Map<string, Weight>();
  readonly #open = new Set<string>();

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>, limits: GraphqlLimits) {
    this.#fragments = fragments;
    this.#limits = limits;
    // Those that no operation uses are read by the platform all the same.
    for (const name of fragments.keys()) this.#fragment(name);
  }

  /** Throws `InvalidRequestError` naming the limit that the operation is over. */
  check(operation: OperationDefinitionNode): void {
    const own = this.#directives(operation.directives);
    const weight = join(this.#set(operation.selectionSet), { ...nothing, directives: own });
    const limits = this.#limits;
    this.#within('fields', weight.fields, limits.fields);
    this.#within('aliases', weight.aliases, limits.aliases);
    this.#within('directives', weight.directives, limits.directives);
    this.#within('introspections', weight.introspections, limits.introspections);
    this.#within('levels', weight.depth, limits.depth);
    this.#within('levels of the schema', weight.introspectionDepth, limits.introspectionDepth);
    this.#within('lists within lists of the schema', weight.introspectionLists, limits.introspectionLists);
  }

  #within(what: string, count: number, limit: number): void {
    if (count > limit) throw new InvalidRequestError(`the operation has more than ${limit} ${what}`);
  }

  #set(set: SelectionSetNode | undefined): Weight {
    let total = nothing;
    for (const selection of set?.selections ?? []) {
      const directives = { ...nothing, directives: this.#directives(selection.directives) };
      total = join(total, join(directives, this.#selection(selection)));
    }
    return total;
  }

  #selection(selection: SelectionSetNode['selections'][number]): Weight {
    if (selection.kind === 'FragmentSpread') return this.#fragment(selection.name.value);
    if (selection.kind === 'InlineFragment') return this.#set(selection.selectionSet);
    return this.#field(selection.name.value, selection.alias !== undefined, this.#set(selection.selectionSet));
  }

  #field(name: string, aliased: boolean, below: Weight): Weight {
    const introspection = introspectionFields.has(name);
    return {
      fields: below.fields + 1,
      aliases: below.aliases + (aliased ? 1 : 0),
      directives: below.directives,
      introspections: below.introspections + (introspection ? 1 : 0),
      // What an introspection goes down is counted by itself.
      depth: introspection ? 1 : below.depth + 1,
      introspectionDepth: Math.max(below.introspectionDepth, introspection ? below.depth + 1 : 0),
      introspectionLists: Math.max(below.introspectionLists, introspection ? below.lists : 0),
      lists: below.lists + (introspectionLists.has(name) ? 1 : 0),
    };
  }

  #fragment(name: string): Weight {
    const known = this.#known.get(name);
    if (known) return known;
    const definition = this.#fragments.get(name);
    if (!definition) throw new InvalidRequestError(`the fragment ${name} is not defined`);
    if (this.#open.has(name)) throw new InvalidRequestError(`the fragment ${name} contains itself`);
    this.#open.add(name);
    const own = { ...nothing, directives: this.#directives(definition.directives) };
    const weight = join(own, this.#set(definition.selectionSet));
    this.#open.delete(name);
    this.#known.set(name, weight);
    return weight;
  }

  #directives(directives: readonly DirectiveNode[] = []): number {
    const refused = directives.find(({ name }) => refusedDirectives.has(name.value));
    if (refused) throw new InvalidRequestError(`the directive @${refused.name.value} is not passed on`);
    return directives.length;
  }
}

/** Two selections beside each other. */
const join = (a: Weight, b: Weight): Weight => ({
  fields: a.fields + b.fields,
  aliases: a.aliases + b.aliases,
  directives: a.directives + b.directives,
  introspections: a.introspections + b.introspections,
  depth: Math.max(a.depth, b.depth),
  introspectionDepth: Math.max(a.introspectionDepth, b.introspectionDepth),
  introspectionLists: Math.max(a.introspectionLists, b.introspectionLists),
  lists: Math.max(a.lists, b.lists),
});
