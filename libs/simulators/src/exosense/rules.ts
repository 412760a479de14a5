import type { TrueValue } from '../kit/series-log.ts';
import type { Signal } from './asset.ts';
import type { Level, RuleStates } from './rule-states.ts';
import { WATCHED_SIGNAL } from './signals.ts';

/** Category of the states that a rule decides; `timeout` is that of devices which are not heard of. */
export const RULE_CATEGORY = 'default';
export const TIMEOUT_CATEGORY = 'timeout';

const WARNING_AT = 28;
const CRITICAL_AT = 29.5;

/** The scenario's one rule: the first signal of an asset is a temperature that may be too high. */
export function applyRule(rules: RuleStates, signal: Signal, value: TrueValue): void {
  if (signal.index !== WATCHED_SIGNAL || typeof value !== 'number') return;
  const level: Level = value >= CRITICAL_AT ? 'critical' : value >= WARNING_AT ? 'warning' : 'normal';
  rules.change(signal.asset, RULE_CATEGORY, level, value, { rule: 'High temperature', signal: signal.id });
}
