export { TOKENS as EXOSENSE_TOKENS } from './exosense/accounts.ts';
export { exosenseDemoConnection } from './exosense/demo-connection.ts';
export { DEFAULT_PORTS as EXOSENSE_PORTS, type GivenOptions as ExosenseOptions } from './exosense/options.ts';
export { scenarioAssetId as exosenseAssetId } from './exosense/scenario-assets.ts';
export { type ExosenseSimulator, startExosense } from './exosense/server.ts';
export { type Action, Actions, UnknownActionError } from './kit/actions.ts';
export type { Fault, FaultInput, FaultKind, FaultScope, FaultScopeInput } from './kit/fault-types.ts';
export { type FaultReport, Faults } from './kit/faults.ts';
export {
  GroundTruth,
  type TruePoint,
  type TrueRevision,
  type TruthCounts,
  type TruthFilter,
} from './kit/ground-truth.ts';
export { Journal, type JournalEntry, type JournalFilter } from './kit/journal.ts';
export { demoConnections, findSimulators, startSimulator } from './kit/registry.ts';
export { type ClockReport, ScenarioClock, type ScenarioClockOptions } from './kit/scenario-clock.ts';
export type { TrueValue } from './kit/series-log.ts';
export type {
  DemoConnection,
  Production,
  Simulator,
  SimulatorManifest,
  StartContext,
  TestScenario,
} from './kit/simulator.ts';
export {
  ACCOUNTS as MESHYDB_ACCOUNTS,
  PUBLIC_KEYS as MESHYDB_PUBLIC_KEYS,
  USERS as MESHYDB_USERS,
} from './meshydb/accounts.ts';
export { meshydbDemoConnection } from './meshydb/demo-connection.ts';
export { DEFAULT_PORTS as MESHYDB_PORTS, type GivenOptions as MeshydbOptions } from './meshydb/options.ts';
export { type MeshydbSimulator, startMeshydb } from './meshydb/server.ts';
export { COMPANY_IDS as OCHNO_COMPANIES, USERS as OCHNO_USERS } from './ochno/accounts.ts';
export { ochnoDemoConnection } from './ochno/demo-connection.ts';
export { DEFAULT_PORTS as OCHNO_PORTS, type OchnoOptions } from './ochno/options.ts';
export { type OchnoSimulator, startOchno } from './ochno/server.ts';
export {
  CLIENTS as OCTOMESH_CLIENTS,
  SCOPES as OCTOMESH_SCOPES,
  TENANTS as OCTOMESH_TENANTS,
  USERS as OCTOMESH_USERS,
} from './octomesh/accounts.ts';
export { octomeshDemoConnection } from './octomesh/demo-connection.ts';
export { DEFAULT_PORTS as OCTOMESH_PORTS, type OctomeshOptions } from './octomesh/options.ts';
export { CK as OCTOMESH_TYPES } from './octomesh/scenario-libraries.ts';
export { type OctomeshSimulator, startOctomesh } from './octomesh/server.ts';
export { TENANT_NAMES as OPTICLOUD_TENANTS, USERS as OPTICLOUD_USERS } from './opticloud/accounts.ts';
export { opticloudDemoConnection } from './opticloud/demo-connection.ts';
export type { Device as OpticloudDevice } from './opticloud/device.ts';
export type { CloudFile, FileStatus, MeasurementFile } from './opticloud/device-files.ts';
export { DEFAULT_PORTS as OPTICLOUD_PORTS, type OpticloudOptions } from './opticloud/options.ts';
export { OSF_VARIANTS, type OsfSample, type OsfVariant } from './opticloud/osf-writer.ts';
export { scenarioDevice as opticloudDevice } from './opticloud/scenario-devices.ts';
export { type OpticloudSimulator, startOpticloud } from './opticloud/server.ts';
