import { ComputedHistory, type Meter } from './computed-history.ts';
import type { Entity } from './entity-store.ts';
import { HistoryTruth } from './history-truth.ts';
import { type MeterStream, ReadingProduction } from './production.ts';
import { place, seedEnergyMeter, seedLocations, seedWaterMeter } from './scenario-entities.ts';
import { CK, scenarioLibraries } from './scenario-libraries.ts';
import { ENERGY_TEMPLATES, type SignalSource, signalSources, WATER_TEMPLATES } from './signals.ts';
import type { OctomeshState } from './state.ts';
import type { Tenant } from './tenant.ts';

/** Meters of the second tenant and of the second type measure other values than those of the first. */
const FIRST_OF_OTHER_TENANT = 1_000_000;
const FIRST_WATER_METER = 2_000_000;
const FIRST_ADDED = 3_000_000;

/** Seeded data and its clockwork. */
export class OctomeshScenario {
  readonly production: ReadingProduction;
  readonly #state: OctomeshState;
  readonly #past: HistoryTruth;
  readonly #energy: SignalSource[];
  readonly #water: SignalSource[];
  #added = 0;

  /** `past` is told of everything that was measured before the start. */
  constructor(state: OctomeshState, past: HistoryTruth) {
    this.#state = state;
    this.#past = past;
    const { seed, signalsPerDevice, devices, otherDevices, waterMeters } = state.options;
    this.#energy = signalSources(signalsPerDevice, seed, ENERGY_TEMPLATES);
    this.#water = signalSources(WATER_TEMPLATES.length, seed + 1, WATER_TEMPLATES);
    this.production = new ReadingProduction(state);
    this.#seedTenant(state.tenants.main, devices, 0, waterMeters);
    this.#seedTenant(state.tenants.other, otherDevices, FIRST_OF_OTHER_TENANT, 0);
  }

  start(): void {
    this.production.start();
    const { retentionMs } = this.#state.options;
    if (retentionMs > 0) this.#state.clock.every(retentionMs / 4, () => this.#forget(retentionMs));
  }

  /** A further energy meter of the first tenant; it measures from now on. */
  addMeter(name: string): Entity {
    const { tenants, options, clock } = this.#state;
    const index = FIRST_ADDED + this.#added++;
    const entity = seedEnergyMeter(tenants.main, index, options.seed, clock.now());
    entity.attributes.name = name;
    entity.wellKnownName = undefined;
    this.production.add({ id: entity.rtId, index, into: this.#energyOf(tenants.main) });
    return entity;
  }

  /** Lets any entity measure energy from now on, such as one that was created over the API. */
  adopt(tenant: Tenant, rtId: string): void {
    if (this.production.find(rtId)) return;
    this.production.add({ id: rtId, index: FIRST_ADDED + this.#added++, into: this.#energyOf(tenant) });
  }

  #energyOf(tenant: Tenant): MeterStream {
    return { tenant, stream: CK.energyReading, signals: this.#energy };
  }

  #seedTenant(tenant: Tenant, meters: number, firstIndex: number, waterMeters: number): void {
    const { seed } = this.#state.options;
    const now = this.#state.clock.now();
    tenant.install(...scenarioLibraries(this.#energy, waterMeters > 0 ? this.#water : undefined));
    const floors = seedLocations(tenant, meters);
    const energy = Array.from({ length: meters }, (_, i) => seedEnergyMeter(tenant, i, seed, now));
    energy.forEach((meter, i) => {
      if (i % 20 !== 19) place(tenant, meter, floors[i % floors.length]);
    });
    const water = Array.from({ length: waterMeters }, (_, i) => seedWaterMeter(tenant, i, seed, now));
    for (const meter of water) place(tenant, meter, floors[0]);
    this.#measure(this.#energyOf(tenant), numbered(energy, firstIndex));
    if (waterMeters > 0) {
      const into = { tenant, stream: CK.waterReading, signals: this.#water };
      this.#measure(into, numbered(water, FIRST_WATER_METER));
    }
  }

  /** What they measured until now is computed; what they measure from now on is written. */
  #measure(into: MeterStream, meters: readonly Meter[]): void {
    const { historyMs, cadenceMs } = this.#state.options;
    const steps = Math.floor(historyMs / cadenceMs);
    const startAt = this.#state.clock.now() - steps * cadenceMs;
    if (meters.length > 0 && steps > 0) {
      const history = new ComputedHistory({ meters, signals: into.signals, startAt, steps, cadenceMs });
      into.tenant.stream(into.stream).history = history;
      this.#past.add(history);
    }
    for (const { rtId, index } of meters) this.production.add({ id: rtId, index, into }, steps);
  }

  #forget(retentionMs: number): void {
    const before = this.#state.clock.now() - retentionMs;
    for (const tenant of Object.values(this.#state.tenants)) {
      for (const table of tenant.streams.values()) table.forgetBefore(before);
    }
    this.#state.truth.forgetBefore(before);
  }
}

const numbered = (entities: readonly Entity[], first: number): Meter[] =>
  entities.map(({ rtId }, i) => ({ rtId, index: first + i }));
