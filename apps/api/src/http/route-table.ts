import type { EndpointSpec } from './endpoint-spec.ts';

/** Injection token. */
export const ROUTES = Symbol('routes');

interface Entry {
  spec: EndpointSpec;
  pattern: RegExp;
}

/** Every endpoint that is mounted. */
export class RouteTable {
  readonly #entries: Entry[] = [];

  add(spec: EndpointSpec): void {
    const pattern = spec.path
      .split(/\{\w+\}/)
      .map((text) => text.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))
      .join('[^/]+?');
    this.#entries.push({ spec, pattern: new RegExp(`^${pattern}$`) });
  }

  get specs(): readonly EndpointSpec[] {
    return this.#entries.map((entry) => entry.spec);
  }

  /** Methods that a path answers, without its query; empty for a path that does not exist. */
  methodsAt(url: string): string[] {
    const path = url.split('?', 1)[0] ?? '';
    const verb = /:[a-z-]+$/.exec(path)?.[0];
    const methods = this.#entries
      .filter(
        ({ spec, pattern }) =>
          pattern.test(path) && (verb === undefined || spec.path.endsWith(verb) || !/:[a-z-]+$/.test(path)),
      )
      .map(({ spec }) => spec.method as string);
    const all = new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods);
    return [...all].sort();
  }
}
