import { answerChanges, requestChanges, type Versions } from './schema-changes.ts';
import type { Finding, Schema, Schemas } from './schema-fits.ts';

/** As much of OpenAPI 3.1 as is compared. */
export interface ApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Schemas; responses?: Record<string, Answer> };
}

interface Operation {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, { schema?: Schema }> };
  responses: Record<string, Answer | { $ref: string }>;
  'x-scope'?: string;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  style?: string;
  explode?: boolean;
  schema: Schema;
}

interface Answer {
  headers?: Record<string, { required?: boolean }>;
  content?: Record<string, { schema?: Schema }>;
}

/** Everything about a new version of the API that breaks a caller of the old one. */
export function apiChanges(before: ApiDocument, after: ApiDocument): Finding[] {
  return Object.entries(before.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, old]) => {
      const at = `${method.toUpperCase()} ${path}`;
      const now = after.paths[path]?.[method];
      if (!now) return [{ at, what: 'the route was removed' }];
      return new OperationChanges(before, after, at).between(old, now);
    }),
  );
}

class OperationChanges {
  readonly #before: ApiDocument;
  readonly #after: ApiDocument;
  readonly #versions: Versions;
  readonly #at: string;

  constructor(before: ApiDocument, after: ApiDocument, at: string) {
    this.#before = before;
    this.#after = after;
    this.#versions = { before: before.components.schemas, after: after.components.schemas };
    this.#at = at;
  }

  between(old: Operation, now: Operation): Finding[] {
    const renamed = old.operationId === now.operationId ? [] : [`the operation ${old.operationId} was renamed`];
    const scope = now['x-scope'];
    const raised = scope === undefined || scope === old['x-scope'] ? [] : [`it needs the scope ${scope} now`];
    return [
      ...[...renamed, ...raised].map((what) => ({ at: this.#at, what })),
      ...this.#parameters(old.parameters ?? [], now.parameters ?? []),
      ...this.#body(old, now),
      ...Object.entries(old.responses).flatMap(([status, answer]) => this.#answer(status, answer, now)),
    ];
  }

  #parameters(old: Parameter[], now: Parameter[]): Finding[] {
    const same = (a: Parameter) => (b: Parameter) => a.name === b.name && a.in === b.in;
    const added = now.filter((parameter) => parameter.required && !old.some(same(parameter)));
    return [
      ...added.map(({ name, in: where }) => ({ at: this.#at, what: `the ${where} parameter ${name} is required now` })),
      ...old.flatMap((parameter): Finding[] => {
        const at = `${this.#at} ${parameter.in} ${parameter.name}`;
        const kept = now.find(same(parameter));
        if (!kept) return [{ at, what: 'the parameter was removed' }];
        const written = kept.style !== parameter.style || kept.explode !== parameter.explode;
        return [
          ...(kept.required && !parameter.required ? [{ at, what: 'the parameter is required now' }] : []),
          ...(written ? [{ at, what: 'lists are written in another way' }] : []),
          ...requestChanges(parameter.schema, kept.schema, this.#versions, at),
        ];
      }),
    ];
  }

  #body({ requestBody: old }: Operation, { requestBody: now }: Operation): Finding[] {
    const at = `${this.#at} body`;
    if (!old) return now?.required ? [{ at, what: 'a body is required now' }] : [];
    if (!now) return [{ at, what: 'no body is taken any more' }];
    return [
      ...(now.required && !old.required ? [{ at, what: 'the body is required now' }] : []),
      ...Object.entries(old.content).flatMap(([type, media]): Finding[] => {
        const kept = now.content[type];
        if (!kept) return [{ at, what: `${type} is not taken any more` }];
        return requestChanges(media.schema ?? {}, kept.schema ?? {}, this.#versions, at);
      }),
    ];
  }

  #answer(status: string, given: Answer | { $ref: string }, now: Operation): Finding[] {
    const at = `${this.#at} ${status}`;
    const found = now.responses[status];
    if (!found) return [{ at, what: 'the status was removed' }];
    const old = resolved(given, this.#before);
    const kept = resolved(found, this.#after);
    const headers = Object.entries(old.headers ?? {}).filter(([name, { required }]) => {
      const header = kept.headers?.[name];
      return !header || (required && !header.required);
    });
    return [
      ...headers.map(([name]) => ({ at, what: `the header ${name} is not always there any more` })),
      ...Object.entries(old.content ?? {}).flatMap(([type, media]): Finding[] => {
        const other = kept.content?.[type];
        if (!other) return [{ at, what: `${type} is not given any more` }];
        return answerChanges(media.schema ?? {}, other.schema ?? {}, this.#versions, at);
      }),
    ];
  }
}

function resolved(answer: Answer | { $ref: string }, document: ApiDocument): Answer {
  if (!('$ref' in answer)) return answer;
  const name = answer.$ref.slice(answer.$ref.lastIndexOf('/') + 1);
  return document.components.responses?.[name] ?? {};
}
