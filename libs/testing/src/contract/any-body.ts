import fc from 'fast-check';
import type { AnyRequestOptions } from './any-request.ts';
import { bent, oddJson } from './odd-values.ts';
import type { Operation } from './open-api.ts';
import { valuesOf } from './schema-values.ts';

export interface Body {
  type?: string | undefined;
  payload?: string | undefined;
}

const MEDIA_TYPES = [
  'application/json',
  'application/json; charset=utf-16',
  'APPLICATION/JSON',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'text/plain',
  'application/octet-stream',
  'garbage',
  '',
];

/** The body of a request: one that the schema lets through, or the example; an odd one, of any media type. */
export function anyBody(
  { requestBody }: Operation,
  { document, instead }: AnyRequestOptions,
  odd: boolean,
): fc.Arbitrary<Body> {
  const anything = fc.record({ type: fc.constantFrom(...MEDIA_TYPES), payload: oddJson });
  if (!requestBody) return odd ? anything : fc.constant({});
  const media = Object.entries(requestBody.content).map(([type, { schema, example }]) => {
    const values = valuesOf(schema ?? {}, { document, ...(instead ? { instead } : {}) });
    const sound = example === undefined ? values : fc.oneof(fc.constant(example), values);
    return { type: fc.constant(type), sound };
  });
  const bodies = media.map(({ type, sound }) => fc.record({ type, payload: sound.map(asJson) }));
  if (!odd) return fc.oneof(...bodies);
  return fc.oneof<fc.Arbitrary<Body>[]>(
    ...media.map(({ type, sound }) => fc.record({ type, payload: sound.chain(bent).map(asJson) })),
    ...media.map(({ type }) => fc.record({ type, payload: oddJson })),
    anything,
    fc.constant({}),
  );
}

const asJson = (value: unknown): string => JSON.stringify(value) ?? 'null';
