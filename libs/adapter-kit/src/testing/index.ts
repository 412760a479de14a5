/** The kit's second door, for tests of adapters: an adapter on a real kit, and what its polls give. */
export {
  collect,
  discover,
  failureOf,
  isClaimed,
  missingOf,
  never,
  pointsBy,
  run,
  truthBy,
  unkept,
} from './collect.ts';
export { type Connected, type ConnectionInTest, connectAdapter, NO_LIMIT, withoutLimits } from './connect-adapter.ts';
export { type HistoryRead, historyInTwo, historyOf, isClose } from './history.ts';
export { type MappingCase, type Mappings, mappingCases } from './mapping-cases.ts';
