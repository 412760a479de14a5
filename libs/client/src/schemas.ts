import type { components } from './openapi/paths.ts';

/** Everything the API answers, by the name it has in the reference: `Schemas['Device']`. */
export type Schemas = components['schemas'];
