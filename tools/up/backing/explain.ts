import type { Missing } from './way.ts';

/** One message that names all that is missing, why, and what to do about it. */
export function explain(missing: Missing[]): string {
  const lines = missing.map(
    ({ service, problems }) => `  ${service.name} (localhost:${service.port}): ${problems.join('; ')}`,
  );
  const packages = missing.flatMap((m) => m.service.debian.packages).join(' ');
  const variables = missing.map((m) => m.service.variable).join(', ');
  return [
    'These backing services are missing:',
    ...lines,
    'Do one of these, then run this again:',
    '  start a Docker engine (docker compose starts what is missing)',
    `  install them, on Debian or Ubuntu: sudo apt-get install ${packages}`,
    `  say where they are: ${variables}`,
  ].join('\n');
}
