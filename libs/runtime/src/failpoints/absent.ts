import type { Failpoint } from './registry.ts';

/** What every start takes that does not ask for failpoints: nothing can be armed. */
export const failpoint: Failpoint = () => undefined;
