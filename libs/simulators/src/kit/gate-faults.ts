import type { Faults } from './faults.ts';
import type { Gate } from './gate.ts';

/** An outage shuts every gate, or those that it names. */
export function handleOutages(faults: Faults, gates: Readonly<Record<string, Gate>>): void {
  faults.handle('outage', ({ mode, listeners }) => {
    const hit = Object.entries(gates)
      .filter(([name]) => !listeners || listeners.includes(name))
      .map(([, gate]) => gate);
    for (const gate of hit) faults.track(gate.shut(mode));
    return () => {
      for (const gate of hit) faults.track(gate.reopen());
    };
  });
}

/** Where nothing streams, cutting streams cuts connections. */
export function handleCuts(faults: Faults, gates: Readonly<Record<string, Gate>>): void {
  faults.handle('cut-streams', () => {
    for (const gate of Object.values(gates)) gate.cut();
    return undefined;
  });
}
