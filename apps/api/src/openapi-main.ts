import 'reflect-metadata';
import { asyncApiDocument } from './openapi/asyncapi-document.ts';
import { mountedEndpoints } from './openapi/mounted-endpoints.ts';
import { API_VERSION, openApiDocument } from './openapi/openapi-document.ts';

/** The documents as an api without settings serves them, by the name that is given: `openapi` (default) or `asyncapi`. */
const documents: Record<string, () => object> = {
  openapi: () => openApiDocument(mountedEndpoints().specs, { version: API_VERSION }),
  asyncapi: () => asyncApiDocument({ version: API_VERSION, exchange: 'tributary.events' }),
};

const name = process.argv[2] ?? 'openapi';
const make = Object.hasOwn(documents, name) ? documents[name] : undefined;
if (make) process.stdout.write(`${JSON.stringify(make(), null, 2)}\n`);
else {
  process.stderr.write(`openapi-main: there is no document ${name}, only ${Object.keys(documents).join(' and ')}\n`);
  process.exitCode = 1;
}
