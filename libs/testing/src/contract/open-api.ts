/** As much of OpenAPI 3.1 as our own documents use. */
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema>; responses: Record<string, ResponseObject> };
}

export type JsonSchema = { readonly [keyword: string]: unknown };

export interface Operation {
  operationId: string;
  parameters: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, MediaType> };
  responses: Record<string, ResponseObject | Reference>;
  'x-scope'?: string;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  style?: string;
  explode?: boolean;
  schema: JsonSchema;
}

export interface ResponseObject {
  description: string;
  headers?: Record<string, { required?: boolean; schema: JsonSchema }>;
  content?: Record<string, MediaType>;
}

export interface MediaType {
  schema?: JsonSchema;
  example?: unknown;
}

interface Reference {
  $ref: string;
}

/** An operation and where it stands in the document. */
export interface Place {
  path: string;
  method: string;
  operation: Operation;
}

/** Every operation of a document, in its order. */
export const operationsOf = (document: OpenApi): Place[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );

/** The answer that a document has for a status; what it says for `default` where it does not name the status. */
export function responseOf(
  document: OpenApi,
  operation: Operation,
  status: number,
): { response: ResponseObject; pointer: string; declared: boolean } | undefined {
  const key = Object.hasOwn(operation.responses, String(status)) ? String(status) : 'default';
  const found = operation.responses[key];
  if (!found || (key === 'default' && status < 400)) return undefined;
  const declared = key !== 'default';
  if (!('$ref' in found)) return { response: found, pointer: `responses/${key}`, declared };
  const name = found.$ref.slice(found.$ref.lastIndexOf('/') + 1);
  const response = document.components.responses[name];
  return response && { response, pointer: `#/components/responses/${name}`, declared };
}

/** Escapes a part of a JSON Pointer that stands in the fragment of a URI. */
export const pointerPart = (text: string): string =>
  encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));
