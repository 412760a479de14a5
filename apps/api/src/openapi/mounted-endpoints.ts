import type { Type } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { resourceModules } from '../app.module.ts';
import { registerEndpoints } from '../http/endpoint-registry.ts';
import { RouteTable } from '../http/route-table.ts';

/** Every endpoint that an application would mount, without making one: nothing is opened and nothing is asked. */
export function mountedEndpoints(): RouteTable {
  const routes = new RouteTable();
  registerEndpoints(controllersOf(resourceModules), routes);
  return routes;
}

function controllersOf(modules: readonly Type[]): Set<Type> {
  const controllers = new Set<Type>();
  const seen = new Set<Type>();
  const visit = (module: Type): void => {
    if (seen.has(module)) return;
    seen.add(module);
    for (const controller of listed(MODULE_METADATA.CONTROLLERS, module)) controllers.add(controller);
    for (const imported of listed(MODULE_METADATA.IMPORTS, module)) visit(imported);
  };
  for (const module of modules) visit(module);
  return controllers;
}

const listed = (key: string, module: Type): Type[] => (Reflect.getMetadata(key, module) ?? []) as Type[];
