/** What programs outside of Jest may use: the suite itself can only be imported inside a test. */
export { type EventuallyOptions, eventually } from '../conditions.ts';
export { type Direction, FaultProxy, type Toxics } from '../fault-proxy.ts';
export { dropTopology } from './drop-topology.ts';
export { type BackingServices, House, type HouseOptions, newSealingKey, type SimulatorAddress } from './house.ts';
export {
  missingPrograms,
  type OwnRabbitmq,
  type OwnService,
  ownPostgres,
  ownRabbitmq,
  ownRedis,
  unusedPort,
} from './own-services.ts';
export { adapterNames, entryOf, repositoryRoot, simulatorsEntry } from './packages.ts';
export { type ReadyLine, ServiceProcess, type ServiceProcessOptions } from './service-process.ts';
export { sharedBacking } from './shared-backing.ts';
export { type ConnectionToStore, storeConnection, vaultOf } from './store-connection.ts';
