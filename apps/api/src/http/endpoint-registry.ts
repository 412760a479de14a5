import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { ModulesContainer } from '@nestjs/core';
import { ENDPOINT, type EndpointSpec } from './endpoint-spec.ts';
import type { RouteTable } from './route-table.ts';

/**
 * Puts every route of every controller into the table. Throws, naming all offenders, where a route has no specification
 * or no scope, where a name is used twice, or where an effect can be asked for without an idempotency rule: the
 * application then does not start.
 */
export function registerEndpoints(modules: ModulesContainer, routes: RouteTable): void {
  const problems: string[] = [];
  for (const module of modules.values()) {
    for (const { metatype } of module.controllers.values()) {
      if (metatype) problems.push(...registerController(metatype, routes));
    }
  }
  problems.push(...conflicts(routes.specs));
  if (problems.length > 0) throw new Error(`routes are not fully specified: ${problems.join('; ')}`);
}

function registerController(metatype: object & { prototype?: object; name?: string }, routes: RouteTable): string[] {
  const problems: string[] = [];
  const prototype = (metatype as { prototype: Record<string, unknown> }).prototype;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const handler = prototype[name];
    if (
      name === 'constructor' ||
      typeof handler !== 'function' ||
      Reflect.getMetadata(PATH_METADATA, handler) === undefined
    )
      continue;
    const spec = Reflect.getMetadata(ENDPOINT, handler) as EndpointSpec | undefined;
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number];
    if (!spec) problems.push(`${metatype.name}.${name} (${method}) has no specification`);
    else if (!spec.scope) problems.push(`${spec.method} ${spec.path} declares no scope`);
    else routes.add(spec);
  }
  return problems;
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
