/** For tests of packages that do not depend on the runtime themselves. */
export { ManualClock, Metrics, silentLogger, systemClock } from '@tributary/runtime';
export { type EventuallyOptions, eventually } from './conditions.ts';
export { BusRecorder, pointKey } from './conformance/bus-recorder.ts';
export { type AdapterPromise, type Conformance, describeAdapter } from './conformance/describe-adapter.ts';
export { costOf } from './cost.ts';
export { type Direction, FaultProxy, type Toxics } from './fault-proxy.ts';
export {
  adapterNames,
  type BackingServices,
  dropTopology,
  entryOf,
  House,
  type HouseOptions,
  missingPrograms,
  newSealingKey,
  type OwnRabbitmq,
  type OwnService,
  ownPostgres,
  ownRabbitmq,
  ownRedis,
  type ReadyLine,
  repositoryRoot,
  ServiceProcess,
  type ServiceProcessOptions,
  type SimulatorAddress,
  sharedBacking,
  simulatorsEntry,
  unusedPort,
} from './harness/index.ts';
