import { SetupProblem } from './progress.ts';

export type ShownLogs = 'all' | readonly string[];

/** `--logs` shows all services, `--logs api telemetry-ingest` or `--logs=api` some, nothing none. */
export function parseLogArguments(args: readonly string[], services: readonly string[]): ShownLogs {
  const [first, ...others] = args.flatMap((arg) =>
    arg.startsWith('--logs=') ? ['--logs', ...arg.slice(7).split(',')] : [arg],
  );
  if (first === undefined) return [];
  if (first !== '--logs') throw new SetupProblem(`What does ${first} mean? npm run up -- --logs [service …]`);
  const names = others.filter((arg) => arg !== '--logs');
  const unknown = names.filter((name) => !services.includes(name));
  if (unknown.length > 0)
    throw new SetupProblem(`No service is called ${unknown.join(', ')}. There are: ${services.join(', ')}.`);
  return names.length > 0 ? names : 'all';
}
