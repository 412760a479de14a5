import { SetupProblem, say } from '../progress.ts';
import { viaCompose } from './compose.ts';
import { viaDebian } from './debian.ts';
import { explain } from './explain.ts';
import { type BackingService, backingServices } from './services.ts';
import { type Missing, mayBeOurs, type Way } from './way.ts';

export type BackingUrls = Record<BackingService['variable'], string>;

export interface Backing {
  urls: BackingUrls;
  /** How each was found, for the table at the end. */
  found: { name: string; where: string }[];
  /** Stops what was started here, and nothing else. */
  stop(): Promise<void>;
}

interface FindOptions {
  signal: AbortSignal;
  services?: readonly BackingService[];
  /** How what is missing may be started, in order. */
  ways?: readonly Way[];
}

type Found = { service: BackingService; url: string; where: string };

/**
 * Finds Postgres, RabbitMQ and Redis: the URLs in the environment, then this machine's default ports, then docker
 * compose, then Debian packages as root. Throws `SetupProblem` with one message that names all that is missing; what
 * was started by then is stopped again.
 */
export async function findBacking(
  env: NodeJS.ProcessEnv,
  { signal, services = backingServices, ways = [viaCompose, viaDebian] }: FindOptions,
): Promise<Backing> {
  const results = await Promise.all(services.map((service) => lookAround(service, env)));
  const refused = results.flatMap((r) => ('refused' in r ? [r.refused] : []));
  // Somebody said where it is: silently using another one would be a surprise.
  if (refused.length > 0) throw new SetupProblem(refused.join('\n'));
  const found = results.filter((r) => 'url' in r);
  let missing = results.filter((r) => 'problems' in r);
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    if (stops.length > 0) say('Stopping the backing services that were started here …');
    for (const one of stops.splice(0)) await one();
  };
  try {
    for (const way of ways) {
      if (missing.length === 0) break;
      const result = await way(missing, { env, signal, onStop: (one) => stops.unshift(one) });
      found.push(...result.started);
      missing = result.missing;
    }
    signal.throwIfAborted();
    if (missing.length > 0) throw new SetupProblem(explain(missing));
  } catch (error) {
    await stop();
    throw error;
  }
  const urls = Object.fromEntries(found.map(({ service, url }) => [service.variable, url])) as BackingUrls;
  const inOrder = found.toSorted((a, b) => services.indexOf(a.service) - services.indexOf(b.service));
  return { urls, found: inOrder.map(({ service, where }) => ({ name: service.name, where })), stop };
}

async function lookAround(
  service: BackingService,
  env: NodeJS.ProcessEnv,
): Promise<Found | Missing | { refused: string }> {
  const given = env[service.variable];
  if (given) {
    const problem = await service.probe(given);
    if (problem === undefined) return { service, url: given, where: `from ${service.variable}` };
    return { refused: `${service.variable} is set, but ${service.name} cannot be used there: ${problem}.` };
  }
  const problems = new Set<string>();
  for (const url of service.local) {
    const problem = await service.probe(url);
    if (problem === undefined) return { service, url, where: `localhost:${service.port}` };
    problems.add(problem);
    if (mayBeOurs([problem])) break;
  }
  return { service, problems: [...problems] };
}
