import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '../world/services.ts';
import { WORKSPACES, type World } from '../world/world.ts';

interface Latest extends Record<string, unknown> {
  series_id: number;
  us: string;
  rev: string;
}

const EVERY_MS = 500;

/** Looks on while everything is done to the house. */
export class Sampler {
  /** Where the newest point of a series was older than before, or the same with a smaller rev. */
  readonly wentBack: string[] = [];
  /** Most megabytes of resident memory that were seen, by service. */
  readonly memoryMb: Record<string, number> = {};
  /** Answers to a workspace about what is another's. */
  readonly mixed: string[] = [];
  /** Questions about what is another's that were answered as they should be. */
  refused = 0;
  looks = 0;
  readonly #world: World;
  readonly #latest = new Map<number, { us: bigint; rev: bigint }>();

  constructor(world: World) {
    this.#world = world;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#lookAtLatest();
      this.#lookAtMemory();
      if (this.looks % 4 === 0) await this.#askAcross();
      this.looks += 1;
      await delay(EVERY_MS);
    }
  }

  async #lookAtLatest(): Promise<void> {
    const sql = `select series_id, (extract(epoch from ts) * 1000000)::bigint::text as us, rev::text as rev from series_latest`;
    const rows = await this.#world.database.query<Latest>(sql).catch(() => []);
    for (const { series_id: series, ...row } of rows) {
      const [us, rev] = [BigInt(row.us), BigInt(row.rev)];
      const before = this.#latest.get(series);
      if (before && (us < before.us || (us === before.us && rev < before.rev)))
        this.wentBack.push(`series ${series}: ${before.us}/${before.rev}, then ${us}/${rev}`);
      this.#latest.set(series, { us, rev });
    }
  }

  #lookAtMemory(): void {
    for (const { name } of SERVICES) {
      const service = this.#world.house.get(name);
      if (!service.running) continue;
      const kb = residentKb(service.pid);
      this.memoryMb[name] = Math.max(this.memoryMb[name] ?? 0, Math.round(kb / 1024));
    }
  }

  /** One workspace asks for a connection of the other: there is no such thing, also while things break. */
  async #askAcross(): Promise<void> {
    for (const workspace of WORKSPACES) {
      const foreign = this.#world.connections.find((one) => one.workspace !== workspace);
      const headers = { authorization: `Bearer ${this.#world.key(workspace)}` };
      const url = `${this.#world.apiUrl}/v1/connections/${foreign?.id}`;
      const answer = await fetch(url, { headers, signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      if (answer?.ok) this.mixed.push(`${workspace} read ${foreign?.id} of another`);
      if (answer?.status === 404) this.refused += 1;
      await answer?.body?.cancel().catch(() => undefined);
    }
  }
}

function residentKb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
