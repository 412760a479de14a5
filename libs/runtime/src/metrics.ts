import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

export interface MetricOptions<L extends string> {
  help: string;
  labels?: readonly L[];
}

/**
 * A service's metrics. Names carry the prefix `tributary_` and a unit; asking twice for one name gives the same metric.
 * Text that a vendor chose never becomes a label.
 */
export class Metrics {
  readonly registry = new Registry();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
  }

  collectProcessMetrics(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  counter<L extends string = never>(name: string, options: MetricOptions<L>): Counter<L> {
    return this.#once(name, () => new Counter<L>(this.#settings(name, options))) as Counter<L>;
  }

  gauge<L extends string = never>(name: string, options: MetricOptions<L>): Gauge<L> {
    return this.#once(name, () => new Gauge<L>(this.#settings(name, options))) as Gauge<L>;
  }

  histogram<L extends string = never>(name: string, options: MetricOptions<L> & { buckets?: number[] }): Histogram<L> {
    const buckets = options.buckets ?? [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    return this.#once(name, () => new Histogram<L>({ ...this.#settings(name, options), buckets })) as Histogram<L>;
  }

  /** Prometheus text format. */
  render(): Promise<string> {
    return this.registry.metrics();
  }

  #settings<L extends string>(name: string, options: MetricOptions<L>) {
    return {
      name: `tributary_${name}`,
      help: options.help,
      labelNames: [...(options.labels ?? [])],
      registers: [this.registry],
    };
  }

  #once(name: string, make: () => unknown): unknown {
    return this.registry.getSingleMetric(`tributary_${name}`) ?? make();
  }
}
