import { type FailpointName, failpoints } from '@tributary/runtime/failpoints';

export interface FailpointCase {
  name: FailpointName;
  action: 'exit' | 'throw' | 'hang';
  hit: number;
}

/** Which process passes it, by the name that the house gives it; what is streamed passes the second adapter. */
export const serviceOf = (name: FailpointName): string =>
  name.endsWith('-puback') ? 'streaming' : failpoints[name].process;

/** All of them in as few turns as it takes: a turn has at most one of each process, and they are passed at the same time. */
export function turnsOf(names: readonly FailpointName[]): FailpointName[][] {
  const turns: FailpointName[][] = [];
  for (const name of names) {
    const free = turns.find((turn) => turn.every((other) => serviceOf(other) !== serviceOf(name)));
    if (free) free.push(name);
    else turns.push([name]);
  }
  return turns;
}
