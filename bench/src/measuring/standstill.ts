import type { ServiceProcess } from '@tributary/testing/harness';

const standing = new Set<ServiceProcess>();

// A process that stands still cannot even notice that whoever stopped it has gone.
process.once('exit', () => {
  for (const service of standing) service.signal('SIGCONT');
});

/** It keeps its connections and does nothing, so that work can be laid before it; at most 25 s, or its brokers hang up. */
export function standStill(service: ServiceProcess): void {
  standing.add(service);
  service.signal('SIGSTOP');
}

export function goOn(service: ServiceProcess): void {
  standing.delete(service);
  service.signal('SIGCONT');
}
