import { fraction, hash } from '../kit/seeded.ts';
import type { Document, StoredDocument } from './document.ts';
import type { MeshydbState } from './state.ts';
import { WORK_ORDERS } from './telemetry-mapping.ts';

const STATUSES = ['open', 'planned', 'in progress', 'waiting for parts', 'done'] as const;
const TITLES = ['Replace filter', 'Inspect boiler', 'Tür schmiert nicht', 'Calibrate "CO₂" sensor', 'Lift 2 steht'];
const CITIES = ['Linz', 'Zürich', 'Wien', 'Salzburg'];
const TAGS = ['hvac', 'safety', 'warranty', 'night shift'];
const HOUR = 3_600_000;
const WORK_ORDER = 21;

/** Business documents, and what people do to them. */
export class WorkOrders {
  #made = 0;
  #changes = 0;

  constructor(private readonly state: MeshydbState) {}

  /** Those that were opened before the simulator started, an hour apart. */
  seed(count: number): void {
    const now = this.state.clock.now();
    for (let i = 0; i < count; i++) this.open(now - (count - i) * HOUR);
  }

  open(at = this.state.clock.now()): StoredDocument {
    const document = workOrder(this.state.options.seed, this.#made++, at);
    return this.state.insert(this.state.demo, WORK_ORDERS, document, at);
  }

  /** The next status, and the time of the change with it. */
  advance(document: StoredDocument): StoredDocument {
    const next = STATUSES[(STATUSES.indexOf(document.status as (typeof STATUSES)[number]) + 1) % STATUSES.length];
    const updatedAt = new Date(this.state.clock.now()).toISOString();
    return this.state.update(this.state.demo, WORK_ORDERS, document._id, { status: next ?? 'open', updatedAt });
  }

  /** Two changes, one opened, one removed, and again: there are never more than at the start plus one. */
  changeByItself(): void {
    const all = this.state.demo.mesh(WORK_ORDERS).matching({ test: () => true, ids: {} });
    const turn = this.#changes++ % 4;
    const chosen = all[hash(this.state.options.seed, WORK_ORDER, this.#changes) % Math.max(1, all.length)];
    if (turn === 2 || !chosen) this.open();
    else if (turn === 3) this.state.remove(this.state.demo, WORK_ORDERS, chosen._id);
    else this.advance(chosen);
  }
}

function workOrder(seed: number, i: number, at: number): Document {
  const random = (n: number) => fraction(seed, WORK_ORDER, i, n);
  const pick = <T>(from: readonly T[], n: number, otherwise: T): T =>
    from[Math.floor(random(n) * from.length)] ?? otherwise;
  const time = new Date(at).toISOString();
  return {
    number: `WO-${String(i + 1).padStart(6, '0')}`,
    title: pick(TITLES, 1, ''),
    status: pick(STATUSES, 2, 'open'),
    priority: 1 + Math.floor(random(3) * 5),
    cost: Math.round(random(4) * 100_000) / 100,
    urgent: random(5) < 0.2,
    address: { city: pick(CITIES, 6, ''), floor: Math.floor(random(7) * 12) - 2 },
    tags: TAGS.filter((_, n) => random(8 + n) < 0.4),
    assignee: random(12) < 0.3 ? null : `technician-${1 + Math.floor(random(13) * 9)}`,
    createdAt: time,
    updatedAt: time,
  };
}
