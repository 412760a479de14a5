import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { closed } from './closed-schemas.ts';
import { type OpenApi, pointerPart } from './open-api.ts';

/** Holds values against named schemas of a document, strictly; gives what does not fit, in words. */
export function closedValidator(document: OpenApi): (schema: string, value: unknown) => string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema({ $id: 'document', ...closed(document) });
  return (schema, value) => {
    const validate = ajv.compile({ $ref: `document#/components/schemas/${pointerPart(schema)}` });
    return validate(value) ? [] : [ajv.errorsText(validate.errors, { dataVar: '' })];
  };
}
