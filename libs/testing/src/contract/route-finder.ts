import { type OpenApi, operationsOf, type Place } from './open-api.ts';

/**
 * Finds the operation that a URL belongs to. Of several templates that fit, the one with more literal text is meant:
 * `/v1/devices/by-native/…` is no device named `by-native`.
 */
export class RouteFinder {
  readonly #routes: { place: Place; pattern: RegExp; literal: number }[];

  constructor(document: OpenApi) {
    this.#routes = operationsOf(document).map((place) => ({
      place,
      pattern: patternOf(place.path),
      literal: place.path.replace(/\{\w+\}/g, '').length,
    }));
  }

  /** HEAD is answered by the operation for GET. Undefined where the document has no such path, or not by this method. */
  find(method: string, url: string): Place | undefined {
    const path = url.split('?', 1)[0] ?? '';
    const wanted = method === 'HEAD' ? 'GET' : method;
    return this.#routes
      .filter(({ place, pattern }) => place.method === wanted && pattern.test(path))
      .sort((a, b) => b.literal - a.literal)[0]?.place;
  }
}

function patternOf(path: string): RegExp {
  const literal = (text: string) => text.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(
    `^${path
      .split(/\{\w+\}/)
      .map(literal)
      .join('[^/]+')}$`,
  );
}
