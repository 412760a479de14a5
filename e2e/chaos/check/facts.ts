/** What is known after a round: collected once, judged by pure functions. */
export interface Facts {
  points: readonly PointFacts[];
  /** Identities that are stored more than once. */
  twins: readonly string[];
  accounts: readonly AccountFacts[];
  commands: readonly CommandFact[];
  records: readonly RecordFact[];
  events: readonly EventFacts[];
  parked: { rows: readonly ParkedRow[]; poison: readonly { marker: string; reason: string }[] };
  /** Messages that were committed and never published. */
  outboxLeft: number;
  latest: { wentBack: readonly string[]; looks: number; olderThanPoints: readonly string[] };
  /** Rows and answers in which one workspace has what is another's. */
  mixed: readonly string[];
  limits: readonly LimitFact[];
  memoryMb: Readonly<Record<string, number>>;
  logs: { troubles: readonly LogTrouble[]; leaks: readonly string[] };
  secretsFound: readonly string[];
  coverage: readonly CoverageFacts[];
  /** What did not come to its end in time after everything was healed. */
  stuck: readonly string[];
  /** Faults that could not be done or ended; a campaign with such is none. */
  failedFaults: readonly string[];
}

export interface LogTrouble {
  service: string;
  level: string;
  message: string;
  /** Class of the error; absent for a line that no logger wrote. */
  type?: string;
}

export interface Identity {
  device: string;
  signal: string;
  ts: number;
}

export interface TrueFact extends Identity {
  value: unknown;
}

export interface PointFacts {
  connection: string;
  workspace: string;
  platform: string;
  /** What the platform produced, each with the value that it answers now. */
  truth: readonly TrueFact[];
  stored: readonly TrueFact[];
  gaps: readonly GapFact[];
  /** The platform keeps nothing: what is told as a gap need not be there. */
  replaysNothing?: { lateMs: number };
  /** The platform also says what still holds, at the time of the device's newest message. */
  tellsWhatHolds?: boolean;
  /** Native ids of the spaces in which a device is. */
  spacesOf: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface GapFact {
  device?: string;
  space?: string;
  fromMs: number;
  toMs: number;
}

export interface AccountFacts {
  workspace: string;
  state: string;
  /** By what became of it. */
  totals: {
    received: number;
    stored: number;
    duplicate: number;
    corrected: number;
    superseded: number;
    parked: number;
    missing: number;
    inFlight: number;
    dropped: number;
  };
  open: readonly string[];
  /** Points that the database holds for this workspace. */
  rows: number;
}

export interface CommandFact {
  platform: string;
  order: string;
  /** Whether the api said that it took it. */
  answered: boolean;
  /** Rows of the ledger for this one order. */
  rows: readonly { id: string; state: string; states: readonly string[] }[];
  /** How often the platform did it. */
  effects: number;
}

export interface RecordFact {
  marker: string;
  answered: boolean;
  found: number;
}

export interface EventFact {
  id: string;
  name: string;
  source: string;
  commandId?: string;
}

export interface EventFacts {
  workspace: string;
  connections: ReadonlySet<string>;
  /** First appearances in the order of the log. */
  log: readonly EventFact[];
  /** Each step of each command, in its order: the events that its rows promise. */
  transitions: ReadonlyMap<string, readonly string[]>;
  /** Ids that a consumer of the stream has seen; absent where none listened. */
  heard?: ReadonlySet<string>;
  /** Ids that came to the subscriber of a webhook, which asked for these areas. */
  delivered?: { ids: ReadonlySet<string>; areas: readonly string[] };
}

export interface ParkedRow {
  reason: string;
  payload: string;
}

export interface LimitFact {
  platform: string;
  refused: number;
  asked: number;
  /** The shared counters were lost, or out of reach of somebody. */
  forgotten: boolean;
}

export interface CoverageFacts {
  connection: string;
  platform: string;
  /** Points of the platform's in a stretch that is said to be complete, which are not stored. */
  lies: readonly string[];
  /** Statements that reach beyond the time at which they were made. */
  ahead: readonly string[];
  /** Stretches of devices that are known to be missing, and wait for their repair. */
  holes: number;
  /** Stretches that are neither complete nor explained. */
  open: readonly string[];
}
