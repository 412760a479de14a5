import type { CpuReading } from './processes.ts';

/** One measured run of one contender. */
export interface Sample {
  /** Points, messages or requests that were done, and proved to be done. */
  units: number;
  seconds: number;
  /** CPU of every process involved but the generator, by name. Microseconds. */
  cpu: CpuReading;
  /** Other numbers, such as percentiles of latency in milliseconds. */
  more?: Record<string, number>;
}

export interface Contender {
  name: string;
  run(round: number): Promise<Sample>;
}

export interface Plan {
  rounds: number;
  /** Rounds before, which are not counted. */
  warmUps: number;
  say: (line: string) => void;
}

export type Samples = Map<string, Sample[]>;

/** A-B-A-B: each contender once a round, so that what disturbs the machine for a while disturbs all of them. */
export async function alternate(contenders: readonly Contender[], { rounds, warmUps, say }: Plan): Promise<Samples> {
  const samples: Samples = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const contender of contenders) {
      const sample = await contender.run(round + warmUps);
      if (round >= 0) samples.get(contender.name)?.push(sample);
      const rate = Math.round(sample.units / sample.seconds);
      say(`  ${round < 0 ? 'warm-up' : `round ${round + 1}`}  ${contender.name}: ${rate}/s, ${cpuText(sample)}`);
    }
  }
  return samples;
}

export const cpuPerUnit = (sample: Sample): number => totalCpu(sample) / sample.units;
export const ratePerSecond = (sample: Sample): number => sample.units / sample.seconds;
export const totalCpu = ({ cpu }: Sample): number => Object.values(cpu).reduce((sum, us) => sum + us, 0);

export const cpuText = (sample: Sample): string =>
  `${cpuPerUnit(sample).toFixed(2)} µs (${Object.entries(sample.cpu)
    .map(([name, us]) => `${name} ${(us / sample.units).toFixed(2)}`)
    .join(', ')})`;
