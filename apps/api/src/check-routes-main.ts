import 'reflect-metadata';
import { mountedEndpoints } from './openapi/mounted-endpoints.ts';

/** Part of the build: a route that does not say who may call it, what it takes and what it answers is not built. */
try {
  mountedEndpoints();
} catch (error) {
  process.stderr.write(`check-routes: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
