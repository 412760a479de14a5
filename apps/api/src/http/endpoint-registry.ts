import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { ModulesContainer } from '@nestjs/core';
import { scopes } from '@tributary/contracts';
import { ENDPOINT, type EndpointSpec } from './endpoint-spec.ts';
import type { RouteTable } from './route-table.ts';

const SCOPES = new Set<unknown>([...scopes, 'public']);

/**
 * Puts every route of every controller into the table. Throws, naming all offenders, where a route has no specification
 * or no scope, where a name is used twice, or where an effect can be asked for without an idempotency rule: the api is
 * then not built, and does not start.
 */
export function registerEndpoints(controllers: Iterable<object>, routes: RouteTable): void {
  const problems: string[] = [];
  for (const controller of controllers) problems.push(...registerController(controller, routes));
  problems.push(...conflicts(routes.specs));
  if (problems.length > 0) throw new Error(`routes are not fully specified: ${problems.join('; ')}`);
}

/** The controllers of an application that has been made. */
export function* controllersIn(modules: ModulesContainer): Generator<object> {
  for (const module of modules.values()) {
    for (const { metatype } of module.controllers.values()) if (metatype) yield metatype;
  }
}

function registerController(metatype: object & { prototype?: object; name?: string }, routes: RouteTable): string[] {
  const problems: string[] = [];
  for (const [name, handler] of handlersOf((metatype as { prototype: object }).prototype)) {
    const spec = Reflect.getMetadata(ENDPOINT, handler) as EndpointSpec | undefined;
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number];
    if (!spec) problems.push(`${metatype.name}.${name} (${method}) has no specification`);
    else if (!SCOPES.has(spec.scope)) problems.push(`${spec.method} ${spec.path} declares no scope`);
    else routes.add(spec);
  }
  return problems;
}

/** Methods that answer a path, inherited ones too: those are mounted as well. */
function* handlersOf(prototype: object): Generator<[name: string, handler: object]> {
  for (let level = prototype; level !== Object.prototype; level = Object.getPrototypeOf(level) as object) {
    for (const name of Object.getOwnPropertyNames(level)) {
      const handler = (level as Record<string, unknown>)[name];
      if (name === 'constructor' || typeof handler !== 'function') continue;
      if (Reflect.getMetadata(PATH_METADATA, handler) !== undefined) yield [name, handler];
    }
  }
}

function conflicts(specs: readonly EndpointSpec[]): string[] {
  const problems: string[] = [];
  const names = new Map<string, string>();
  for (const spec of specs) {
    const at = `${spec.method} ${spec.path}`;
    const other = names.get(spec.name);
    if (other) problems.push(`${at} and ${other} are both named ${spec.name}`);
    names.set(spec.name, at);
    const harmless = spec.method !== 'POST' || spec.scope === 'read' || spec.scope === 'public';
    if (!harmless && !spec.idempotency && !spec.bodyStream) {
      problems.push(`${at} has an effect and no rule for Idempotency-Key`);
    }
  }
  return problems;
}
