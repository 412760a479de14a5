import { EXOSENSE_TOKENS, type ExosenseOptions, type ExosenseSimulator, startExosense } from '../src/index.ts';
import { type Answer, call, dig } from './opticloud-caller.ts';

export const EXO_START = Date.UTC(2026, 2, 1, 12, 0, 0);

/** Small, silent, standing still at a known time, on ports the system chooses. */
export const startStill = (options: ExosenseOptions = {}): Promise<ExosenseSimulator> =>
  startExosense({
    port: 0,
    controlPort: 0,
    devices: 12,
    historyMs: 60_000,
    cadenceMs: 10_000,
    retentionMs: 0,
    clock: { startAt: EXO_START, speed: 0 },
    ...options,
  });

export interface Asked {
  query: string;
  operationName?: string;
  variables?: Record<string, unknown>;
}

/** One request as the vendor's document shows it. */
export const ask = (
  sim: ExosenseSimulator,
  asked: Asked | string,
  token: string = EXOSENSE_TOKENS.admin,
): Promise<Answer> =>
  call(`${sim.url}/api/graphql`, {
    method: 'POST',
    headers: { authorization: `Automation ${token}`, 'content-type': 'application/json', accept: '*/*' },
    body: JSON.stringify(typeof asked === 'string' ? { query: asked } : asked),
  });

/** Member of the answer's `data`. Throws when the answer says that anything went wrong. */
export async function data(
  sim: ExosenseSimulator,
  asked: Asked | string,
  ...path: Array<string | number>
): Promise<unknown> {
  const answer = await ask(sim, asked);
  if (answer.status !== 200 || dig(answer.json, 'errors') !== undefined)
    throw new Error(`${answer.status} ${answer.text.slice(0, 500)}`);
  return dig(answer.json, 'data', ...path);
}

/** Lets the window roll past everything that was asked so far. */
export const rollOver = (sim: ExosenseSimulator): Promise<void> => sim.clock.advance(10_001);
