import { failpoint as chosen } from '#failpoint';
import type { Failpoint } from './registry.ts';

/**
 * A named place where a test may end, break or stop the process: `await failpoint('after-seal')`. Does nothing, and can
 * be made to do nothing, unless the process was started with `node --conditions=failpoints`; what that takes is in no
 * production build. See docs/failpoints.md.
 */
export const failpoint: Failpoint = chosen;
