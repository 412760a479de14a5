interface Media {
  schema?: { properties?: { page?: { required?: string[] } } };
}

interface Operation {
  parameters: { name: string; in: string }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
  'x-scope'?: string;
}

export interface OpenApiDocument {
  openapi: string;
  info: object;
  components: object;
  paths: Record<string, Record<string, Operation>>;
}

const TYPES = `
/** What a call must know of an operation beside its types. */
export interface OperationFacts {
  /** Takes \`Idempotency-Key\`: the effect happens once, however often it is asked for with one key. */
  readonly idempotencyKey?: true;
  /** Takes \`If-Match\`: a second time finds that there is nothing left to do. */
  readonly ifMatch?: true;
  /** A POST that only asks. */
  readonly harmless?: true;
  /** Media type of the body, where it is not \`application/json\`. */
  readonly bodyType?: string;
  /** Every page has a next one; an empty page is the end for now. */
  readonly endless?: true;
}
`;

/** TypeScript source of a table of facts by method and path; what has none is left out. */
export function operationFacts({ paths }: OpenApiDocument): string {
  const lines = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const facts = Object.entries(factsOf(method, operation));
      if (facts.length === 0) return [];
      const members = facts.map(([name, value]) => `${name}: ${typeof value === 'string' ? `'${value}'` : value}`);
      return [`  '${method.toUpperCase()} ${path}': { ${members.join(', ')} },`];
    }),
  );
  return `${TYPES}
export const operations: Readonly<Record<string, OperationFacts>> = {
${lines.join('\n')}
};
`;
}

function factsOf(method: string, operation: Operation): Record<string, string | true> {
  const takes = (header: string) => operation.parameters.some((p) => p.in === 'header' && p.name === header);
  const bodyTypes = Object.keys(operation.requestBody?.content ?? {});
  const [bodyType = 'application/json'] = bodyTypes;
  const harmless = method === 'post' && operation['x-scope'] === 'read' && !takes('Idempotency-Key');
  const page = operation.responses['200']?.content?.['application/json']?.schema?.properties?.page;
  return {
    ...(takes('Idempotency-Key') ? { idempotencyKey: true } : {}),
    ...(takes('If-Match') ? { ifMatch: true } : {}),
    ...(harmless ? { harmless: true } : {}),
    ...(bodyTypes.length > 0 && bodyType !== 'application/json' ? { bodyType } : {}),
    ...(page?.required?.includes('nextCursor') ? { endless: true } : {}),
  };
}
