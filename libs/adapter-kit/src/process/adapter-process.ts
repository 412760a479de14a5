import type { AdapterReply } from '@tributary/contracts';
import type { RequestHandlers } from '@tributary/messaging';
import type { Clock, Logger, Metrics } from '@tributary/runtime';
import type { BreakerTurn } from '../breakers/breaker.ts';
import type { AdapterDefinition } from '../contract.ts';
import type { AdapterBuild } from '../lineage/via-of.ts';
import { LinkTeller } from '../links/link-teller.ts';
import type { Asides } from './asides/set-aside-desk.ts';
import { BackfillDesk, type BackfillDeskOptions } from './backfills/backfill-desk.ts';
import { CommandExecutor } from './commands/command-executor.ts';
import { CommandFollower } from './commands/command-follower.ts';
import { CommandSweep } from './commands/command-sweep.ts';
import { FileDesk } from './files/file-desk.ts';
import { LeaseKeeper } from './leases/lease-keeper.ts';
import type {
  AccountStore,
  BackfillStore,
  BreakerBook,
  CheckpointStore,
  ConnectionRecord,
  ConnectionSource,
  DeviceDirectory,
  EvidenceStore,
  Failpoint,
  LeaseStore,
  Ledger,
  MakeVendorAccess,
  Publisher,
  StatusBook,
  Vault,
} from './ports.ts';
import { ConfirmedMemory } from './publishing/confirmed-memory.ts';
import { RunBook } from './publishing/run-book.ts';
import { AdapterPool } from './requests/adapter-pool.ts';
import { healthOf } from './requests/connection-health.ts';
import { requestHandlers } from './requests/request-handlers.ts';
import { DueQueue } from './scheduling/due-queue.ts';
import { BreakerWatch } from './supervision/breaker-watch.ts';
import { ConnectionSupervisor } from './supervision/connection-supervisor.ts';
import { Roster } from './supervision/roster.ts';

export interface AdapterProcessOptions {
  definition: AdapterDefinition;
  replica: string;
  leaseTtlMs: number;
  maxConnections: number;
  source: ConnectionSource;
  leases: LeaseStore;
  checkpoints: CheckpointStore;
  account: AccountStore;
  ledger: Ledger;
  directory: DeviceDirectory;
  vault: Vault;
  publisher: Publisher;
  /** What is said of connections, and what breakers do. */
  book: StatusBook;
  breakers: BreakerBook;
  backfills: BackfillStore;
  /** Opens the queue of this process's own work at backfills. */
  openPartQueue: BackfillDeskOptions['openQueue'];
  /** Milliseconds. */
  repairAfterMs: number;
  /** What is seen of the way from the platform to us. */
  evidence: EvidenceStore;
  /** Keeps what cannot be published; without it that is only counted. */
  asides?: Asides | undefined;
  makeAccess: MakeVendorAccess;
  clock: Clock;
  random: () => number;
  log: Logger;
  metrics: Metrics;
  failpoint: Failpoint;
  /** What maps, as it was built. */
  build?: AdapterBuild | undefined;
  /** Where the api reaches this process over HTTP, without a slash at the end. */
  baseUrl: () => string;
  /** The lease table answered, or why it did not. */
  onLeaseRound: (error?: unknown) => void;
}

/** Confirmed items that look-backs are compared with, all connections together; some 150 bytes each. */
const REMEMBERED = 500_000;

/**
 * All that one adapter process does, behind ports: what it owns, what it answers, what it carries out. `start` returns
 * at once; `stop` lets go in order: sources first, then what they brought, then the leases.
 */
export class AdapterProcess {
  readonly executor: CommandExecutor;
  readonly files: FileDesk;
  readonly roster: Roster;
  readonly handlers: RequestHandlers;
  readonly #options: AdapterProcessOptions;
  readonly #keeper: LeaseKeeper;
  readonly #runs: RunBook;
  readonly #pool: AdapterPool;
  readonly #sweep: CommandSweep;
  readonly #breakerWatch: BreakerWatch;
  readonly #backfills: BackfillDesk;
  readonly #linkTeller: LinkTeller;
  #watch: { close(): Promise<void> } | undefined;

  constructor(given: AdapterProcessOptions) {
    const options = { ...given, onBreaker: noteIn(given.breakers) };
    this.#options = options;
    const { definition, source } = options;
    this.#pool = new AdapterPool({ ...options, owned: (id) => this.roster.get(id)?.instance });
    this.executor = new CommandExecutor({
      ...options,
      borrow: (id) => this.#pool.borrow(id),
      leaseOf: (id) => this.#keeper.held.get(id),
    });
    const follower = new CommandFollower({ ...options, executor: this.executor });
    this.#sweep = new CommandSweep({ ...options, executor: this.executor, platform: definition.manifest.platform });
    this.files = new FileDesk({ ...options, borrow: (id) => this.#pool.borrow(id) });
    const due = new DueQueue(options.clock);
    const memory = new ConfirmedMemory(REMEMBERED);
    const runs = new RunBook({ ...options, store: options.account });
    this.#runs = runs;
    const follow = follower.round.bind(follower);
    const backfills = new BackfillDesk({ ...options, store: options.backfills, openQueue: options.openPartQueue });
    this.#backfills = backfills;
    const attend = backfills.attend.bind(backfills);
    this.roster = new Roster({
      ...options,
      make: (record, lease) => {
        const log = options.log.child({ connection: record.id, workspace: record.workspace });
        const supervisor = new ConnectionSupervisor({
          ...options,
          ...{ record, lease, due, memory, runs, log, follow, attend },
        });
        this.#breakerWatch.tell(supervisor);
        return supervisor;
      },
      release: (id) => this.#keeper.release(id),
    });
    this.#breakerWatch = new BreakerWatch({
      ...options,
      replicas: () => this.#keeper.replicas,
      connections: () => this.roster,
    });
    this.#linkTeller = new LinkTeller({
      ...options,
      tell: (rows) => options.evidence.tell(rows),
      rows: () => [...this.roster].map((supervisor) => supervisor.evidence()),
    });
    const owned = options.metrics.gauge('adapter_connections_owned', { help: 'Connections that this replica owns' });
    this.#keeper = new LeaseKeeper({
      ...options,
      store: options.leases,
      platform: definition.manifest.platform,
      ttlMs: options.leaseTtlMs,
      max: options.maxConnections,
      onGained: (lease) => this.roster.gained(lease),
      onLost: (lease) => this.roster.lost(lease),
      onRound: (error) => {
        owned.set(this.#keeper.held.size);
        options.onLeaseRound(error);
      },
    });
    this.handlers = requestHandlers({
      ...options,
      use: (id, work) => this.#pool.use(id, work),
      health: (id) => this.#health(id),
      discoverSoon: (id) => this.#discoverSoon(id),
      wellAgain: (id) => void this.#ask('probe', id),
      workspaceOf: async (id) => (await source.find([id]))[0]?.workspace,
      files: this.files,
    });
  }

  /** Replicas of this adapter that own connections, this one included. */
  get replicas(): number {
    return this.#keeper.replicas;
  }

  start(): void {
    this.#runs.start();
    this.#keeper.start();
    this.roster.start();
    this.#sweep.start();
    this.#backfills.start();
    this.#breakerWatch.start();
    this.#linkTeller.start();
    this.#watch = this.#options.source.watch({
      onChange: (id) => {
        if (id !== undefined) this.#pool.changed(id);
        this.roster.changed(id);
        if (id === undefined || !this.#keeper.held.has(id)) this.#keeper.soon();
      },
      onAsk: (ask, id) => {
        if (ask === 'discover') this.roster.get(id)?.discoverSoon();
        else this.roster.get(id)?.probeSoon();
      },
    });
  }

  /** Afterwards nothing of this process is read, published or claimed any more. */
  async stop(): Promise<void> {
    await this.#watch?.close();
    this.#breakerWatch.stop();
    await this.#linkTeller.stop();
    await this.#sweep.stop();
    await this.#backfills.stop();
    await this.roster.stop();
    await this.#runs.stop();
    await this.#keeper.stop();
    this.files.close();
    await this.#pool.close();
  }

  async #health(connectionId: string): Promise<AdapterReply<'connection.health'>> {
    const { source, leases, definition } = this.#options;
    const [records, owner] = await Promise.all([source.find([connectionId]), leases.owner(connectionId)]);
    const record = records.find(({ platform }) => platform === definition.manifest.platform);
    return healthOf(connectionId, record, owner, this.roster.get(connectionId));
  }

  /** True when some replica owns the connection, and has been asked. */
  async #discoverSoon(connectionId: string): Promise<boolean> {
    const mine = this.roster.get(connectionId);
    if (mine) return mine.discoverSoon();
    if (!(await this.#options.leases.owner(connectionId))) return false;
    await this.#options.source.ask('discover', connectionId);
    return true;
  }

  async #ask(ask: 'probe', connectionId: string): Promise<void> {
    const mine = this.roster.get(connectionId);
    if (mine) return mine.probeSoon();
    try {
      await this.#options.source.ask(ask, connectionId);
    } catch (error) {
      this.#options.log.debug({ err: error }, 'the owner of a connection could not be asked');
    }
  }
}

/** Breakers of a draft are nobody's. */
const noteIn =
  (breakers: BreakerBook) =>
  (record: ConnectionRecord, turn: BreakerTurn): void => {
    if (!record.draft) breakers.note(record.id, turn);
  };
