import { given, method, type On } from './capability.ts';

/** Typed records of the platform, and the relations between them. */
export function entityHandlers(on: On) {
  return { ...readHandlers(on), ...writeHandlers(on), ...relationHandlers(on) };
}

function readHandlers(on: On) {
  return {
    'entities.types': on(
      'entities.types',
      (adapter) => adapter.entities,
      async (entities, { signal }) => ({ types: await entities.types(signal) }),
    ),
    'entities.query': on(
      'entities.query',
      (adapter) => adapter.entities,
      (entities, { payload: { type, filter, sort, limit, cursor }, signal }) =>
        entities.query(type, { sort, limit, ...given({ filter, cursor }) }, signal),
    ),
    'entities.get': on(
      'entities.get',
      (adapter) => adapter.entities,
      (entities, { payload: { type, nativeId }, signal }) => entities.get(type, nativeId, signal),
    ),
  };
}

function writeHandlers(on: On) {
  return {
    'entities.create': on(
      'entities.create',
      (adapter) => method(adapter.entities, 'create'),
      (create, { payload: { type, attributes }, signal }) => create(type, attributes, signal),
    ),
    'entities.update': on(
      'entities.update',
      (adapter) => method(adapter.entities, 'update'),
      (update, { payload: { type, nativeId, patch, ifMatch }, signal }) =>
        update(type, nativeId, patch, ifMatch, signal),
    ),
    'entities.remove': on(
      'entities.remove',
      (adapter) => method(adapter.entities, 'remove'),
      async (remove, { payload: { type, nativeId, ifMatch }, signal }) => {
        await remove(type, nativeId, ifMatch, signal);
        return {};
      },
    ),
  };
}

function relationHandlers(on: On) {
  return {
    'entities.related': on(
      'entities.related',
      (adapter) => method(adapter.entities, 'related'),
      (related, { payload: { type, nativeId, relation, limit, cursor }, signal }) =>
        related(type, nativeId, relation, { limit, ...given({ cursor }) }, signal),
    ),
    'entities.relate': on(
      'entities.relate',
      (adapter) => method(adapter.entities, 'relate'),
      async (relate, { payload: { type, nativeId, relation, targets }, signal }) => {
        await relate(type, nativeId, relation, targets, signal);
        return {};
      },
    ),
  };
}
