/** A door of its own: what only tests of the contract need would make all others slower. */
export { type AnyRequest, type AnyRequestOptions, anyRequest } from './any-request.ts';
export { closedValidator } from './closed-validator.ts';
export { Contract, type Exchange } from './contract.ts';
export { type JsonSchema, type OpenApi, type Operation, operationsOf, type Parameter, type Place } from './open-api.ts';
export { type SchemaValuesOptions, valuesOf } from './schema-values.ts';
