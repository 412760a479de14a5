/** The kit's second door, for tests of adapters: an adapter on a real kit, and what its polls give. */
export { collect, discover, failureOf, missingOf, never, pointsBy, run, truthBy } from './collect.ts';
export { type Connected, type ConnectionInTest, connectAdapter, NO_LIMIT, withoutLimits } from './connect-adapter.ts';
export { type MappingCase, type Mappings, mappingCases } from './mapping-cases.ts';
