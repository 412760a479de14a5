import { capture, lastLine } from '../command.ts';
import { step } from '../progress.ts';
import { allStarted, mayBeOurs, type Way, waitForAll } from './way.ts';

/** An engine that hangs is as good as none. */
const ENGINE_PATIENCE_MS = 15_000;
/** Images may have to come first. */
const UP_DEADLINE_MS = 15 * 60_000;

/** Starts what is missing from docker-compose.yml, where an engine answers. A port that others use stays theirs. */
export const viaCompose: Way = async (wanted, { env, signal, onStop }) => {
  const services = wanted.filter((m) => mayBeOurs(m.problems)).map((m) => m.service);
  const others = wanted.filter((m) => !mayBeOurs(m.problems));
  if (services.length === 0) return { started: [], missing: wanted };
  const engine = await capture('docker', ['info'], { env, signal, deadlineMs: ENGINE_PATIENCE_MS });
  if (engine.code !== 0) return { started: [], missing: wanted };
  const where = 'docker compose';
  const names = services.map((s) => s.compose.service);
  return step(
    `${services.map((s) => s.name).join(', ')} with ${where}`,
    async (progress) => {
      onStop(async () => void (await capture('docker', ['compose', 'stop', ...names], { env })));
      const options = { env, signal, onLine: progress, deadlineMs: UP_DEADLINE_MS };
      const up = await capture('docker', ['compose', 'up', '--detach', '--wait', ...names], options);
      if (up.code !== 0) {
        const problem = `${where} did not start it: ${lastLine(up.output)}`;
        return { started: [], missing: [...services.map((service) => ({ service, problems: [problem] })), ...others] };
      }
      const urlOf = (service: (typeof services)[number]) => service.compose.url;
      const logOf = (service: (typeof services)[number]) => `docker compose logs ${service.compose.service}`;
      const result = await waitForAll(services, { where, urlOf, logOf, progress, signal });
      return { started: result.started, missing: [...result.missing, ...others] };
    },
    allStarted,
  );
};
