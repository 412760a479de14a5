import { AsyncLocalStorage } from 'node:async_hooks';
import { isPlatformError } from '@tributary/contracts';
import { NOT_SENT } from './network-failure.ts';

const meters = new AsyncLocalStorage<{ calls: number }>();

/**
 * Runs `work` and tells, however it ends, how many calls were made to the platform on its behalf so far: retries and
 * log-ins are calls too. Work that several wait for counts for whoever began it.
 */
export async function countingVendorCalls<T>(work: () => Promise<T>, told: (calls: number) => void): Promise<T> {
  const meter = { calls: 0 };
  try {
    return await meters.run(meter, work);
  } finally {
    told(meter.calls);
  }
}

/** One call to the platform. What never left this machine is none: nobody there can have seen it. */
export async function vendorCall<T>(send: () => Promise<T>): Promise<T> {
  const meter = meters.getStore();
  if (!meter) return send();
  meter.calls += 1;
  try {
    return await send();
  } catch (error) {
    if (isPlatformError(error) && error.platformCode === NOT_SENT) meter.calls -= 1;
    throw error;
  }
}
