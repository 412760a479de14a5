import type { Counter, Gauge, Metrics } from '@tributary/runtime';

export interface LinkMetrics {
  up: Gauge<'link'>;
  blocked: Gauge<'link'>;
  reconnects: Counter<'link'>;
}

/** Counters of one TCP connection, present with 0 from the start. */
export function linkMetrics(metrics: Metrics, link: string): LinkMetrics {
  const labels = ['link'] as const;
  const made: LinkMetrics = {
    up: metrics.gauge('broker_connection_up', { help: '1 while the connection stands and is set up.', labels }),
    blocked: metrics.gauge('broker_connection_blocked', { help: '1 while the broker holds back publishers.', labels }),
    reconnects: metrics.counter('broker_reconnects_total', {
      help: 'Connections that were lost or could not be made.',
      labels,
    }),
  };
  made.up.set({ link }, 0);
  made.blocked.set({ link }, 0);
  made.reconnects.inc({ link }, 0);
  return made;
}
