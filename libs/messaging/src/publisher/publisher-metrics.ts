import type { Counter, Gauge, Histogram, Metrics } from '@tributary/runtime';

export interface PublisherMetrics {
  window: Gauge<'publisher'>;
  unconfirmed: Gauge<'publisher'>;
  waiting: Gauge<'publisher'>;
  written: Counter<'publisher'>;
  confirmed: Counter<'publisher'>;
  nacked: Counter<'publisher'>;
  returned: Counter<'publisher'>;
  lost: Counter<'publisher'>;
  timeouts: Counter<'publisher'>;
  confirmSeconds: Histogram<'publisher'>;
}

export function publisherMetrics(metrics: Metrics): PublisherMetrics {
  const labels = ['publisher'] as const;
  const counter = (name: string, help: string) => metrics.counter(`publish_${name}_total`, { help, labels });
  const gauge = (name: string, help: string) => metrics.gauge(`publish_${name}`, { help, labels });
  return {
    window: gauge('window_messages', 'Messages that may be unconfirmed at once.'),
    unconfirmed: gauge('unconfirmed_messages', 'Messages accepted and not yet confirmed by the broker.'),
    waiting: gauge('waiting_callers', 'Callers held back because the window is full.'),
    written: counter('written', 'Messages written to the broker, again each time they are repeated.'),
    confirmed: counter('confirmed', 'Messages confirmed by the broker.'),
    nacked: counter('nacked', 'Messages refused by a full or failing queue.'),
    returned: counter('returned', 'Messages that no queue wanted.'),
    lost: counter('channel_lost', 'Messages to be written again because their channel was lost.'),
    timeouts: counter('confirm_timeouts', 'Channels given up because a confirm did not come.'),
    confirmSeconds: metrics.histogram('publish_confirm_seconds', { help: 'From writing to the confirm.', labels }),
  };
}
