import { parseDuration } from '../config.ts';
import { type FailpointName, failpoints } from './registry.ts';

export type FailpointAction = 'exit' | 'throw' | 'hang';

export interface ArmedFailpoint {
  name: FailpointName;
  action: FailpointAction;
  /** The hit at which it fires; from 1. */
  hit: number;
  hangMs: number;
}

const HANG_MS = 30_000;
const PATTERN = /^([a-z-]+):(exit|throw|hang)(?::([1-9]\d{0,5}))?(?::(\d+(?:ms|s)))?$/;

/**
 * `after-seal:exit:2`: ends the process when `after-seal` is reached for the second time. `throw` throws, `hang` waits
 * 30 s or what a fourth part says (`after-seal:hang:1:2s`). Undefined for an empty text, which disarms; throws
 * `RangeError` for anything else, so that a misspelt name never makes a test pass.
 */
export function parseArming(text: string): ArmedFailpoint | undefined {
  if (text === '') return undefined;
  const [, name = '', action, hit = '1', hang] = PATTERN.exec(text) ?? [];
  if (!(name in failpoints)) throw new RangeError(`no failpoint: ${text}`);
  return {
    name: name as FailpointName,
    action: action as FailpointAction,
    hit: Number(hit),
    hangMs: hang === undefined ? HANG_MS : Number(parseDuration(hang)),
  };
}
