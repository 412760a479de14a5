import { lookup } from 'node:dns/promises';
import { appendFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { capture, lastLine } from '../command.ts';
import { step } from '../progress.ts';
import type { BackingService } from './services.ts';
import { allStarted, type Missing, mayBeOurs, untilNoProblem, type Way, type WayOptions, waitForAll } from './way.ts';

const INSTALL_DEADLINE_MS = 15 * 60_000;
const SERVICE_DEADLINE_MS = 120_000;
const GRANT_PATIENCE_MS = 30_000;

type Progress = (detail: string) => void;

/** Installs what is missing with apt-get and starts it, as root. What others run is let us into, or left alone. */
export const viaDebian: Way = async (wanted, options) => {
  const mine = wanted.filter((m) => mayBeOurs(m.problems) || m.service.debian.grant !== undefined);
  const others = wanted.filter((m) => !mine.includes(m));
  if (mine.length === 0 || !(await isDebianRoot(options.env))) return { started: [], missing: wanted };
  const where = 'Debian packages';
  return step(
    `${mine.map((m) => m.service.name).join(', ')} from ${where}`,
    async (progress) => {
      const problem = await installPackages(
        mine.flatMap((m) => m.service.debian.packages),
        { env: options.env, progress },
      );
      if (problem)
        return { started: [], missing: [...mine.map(({ service }) => ({ service, problems: [problem] })), ...others] };
      options.signal.throwIfAborted();
      const entered: BackingService[] = [];
      for (const one of mine) {
        const refused = await start(one, { ...options, progress });
        if (refused) others.push({ service: one.service, problems: [refused] });
        else entered.push(one.service);
      }
      const urlOf = (service: BackingService) => service.debian.url;
      const logOf = (service: BackingService) => service.debian.log;
      const result = await waitForAll(entered, { where, urlOf, logOf, progress, signal: options.signal });
      return { started: result.started, missing: [...result.missing, ...others] };
    },
    allStarted,
  );
};

const isDebianRoot = async (env: NodeJS.ProcessEnv): Promise<boolean> =>
  process.getuid?.() === 0 && (await capture('apt-get', ['--version'], { env })).code === 0;

/** Ctrl-C waits for apt-get: half an installation would be worse. Returns what went wrong. */
async function installPackages(
  packages: string[],
  { env, progress }: { env: NodeJS.ProcessEnv; progress: Progress },
): Promise<string | undefined> {
  if (await areInstalled(packages, env)) return undefined;
  const options = {
    // Postgres makes its cluster in the encoding of the moment; without a locale that would not be UTF-8.
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    onLine: progress,
    deadlineMs: INSTALL_DEADLINE_MS,
  };
  progress('apt-get update');
  await capture('apt-get', ['update', '-q'], options);
  const install = ['install', '-y', '-q', '--no-install-recommends', ...packages];
  const installed = await capture('apt-get', install, options);
  if (installed.code === 0) return undefined;
  return `apt-get could not install ${packages.join(', ')}: ${lastLine(installed.output)}`;
}

async function areInstalled(packages: string[], env: NodeJS.ProcessEnv): Promise<boolean> {
  const { code, stdout } = await capture('dpkg', ['-s', ...packages], { env });
  const lines = stdout.split('\n').filter((line) => line === 'Status: install ok installed');
  return code === 0 && lines.length === packages.length;
}

/** Starts a service and lets us in; returns why that failed. */
async function start(
  { service, problems }: Missing,
  { env, signal, onStop, progress }: WayOptions & { progress: Progress },
): Promise<string | undefined> {
  const { unit, grant, afterStop, needsHostName } = service.debian;
  const control = (action: string) => capture('service', [unit, action], { env, deadlineMs: SERVICE_DEADLINE_MS });
  progress(`starting ${service.name}`);
  if (needsHostName) await giveNodeAName();
  if (mayBeOurs(problems)) {
    onStop(async () => {
      await control('stop');
      if (afterStop) await call(afterStop, env);
    });
    await control('start');
  }
  if (!grant) return undefined;
  const problem = await untilNoProblem(() => call(grant, env), signal, GRANT_PATIENCE_MS);
  return problem && `could not be entered: ${problem}; see ${service.debian.log}`;
}

async function call([command, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv) {
  const { code, output } = await capture(command, args, { env });
  return code === 0 ? undefined : lastLine(output);
}

/** RabbitMQ names its node after the host and will not start where that name leads nowhere, as in a bare chroot. */
async function giveNodeAName(): Promise<void> {
  const resolves = await lookup(hostname()).then(
    () => true,
    () => false,
  );
  if (!resolves) appendFileSync('/etc/rabbitmq/rabbitmq-env.conf', '\nNODENAME=rabbit@localhost\n');
}
