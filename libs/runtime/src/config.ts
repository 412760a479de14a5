import { z } from 'zod';

export interface ConfigProblem {
  /** Name of the environment variable; its value is never part of a problem. */
  key: string;
  problem: string;
}

/** Everything that is wrong with a configuration, at once. A process that meets it leaves with `EXIT_CONFIG`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly ConfigProblem[]) {
    super(`configuration is wrong: ${problems.map((p) => `${p.key}: ${p.problem}`).join('; ')}`);
  }
}

/** EX_CONFIG of sysexits.h. */
export const EXIT_CONFIG = 78;

/**
 * Reads a service's configuration once. A variable that is empty counts as absent. Throws `ConfigError`, which lists
 * all problems by key and never by value.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: Record<string, string | undefined>): z.output<S> {
  const given = Object.fromEntries(
    Object.keys(schema.shape)
      .filter((key) => env[key] !== undefined && env[key] !== '')
      .map((key) => [key, env[key]]),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => ({
      key: issue.path.join('.') || '(all)',
      problem:
        given[String(issue.path[0])] === undefined && issue.code === 'invalid_type' ? 'is required' : issue.message,
    })),
  );
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** `'30s'` -> 30000. Units: ms, s, m, h, d. Throws `RangeError` for anything else. */
export function parseDuration(text: string): number {
  const match = DURATION.exec(text);
  if (!match) throw new RangeError('expected a duration with a unit, such as 500ms, 30s, 15m, 2h or 7d');
  return Math.round(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]);
}

/** Configuration member `'30s'`, read as milliseconds. */
export const duration = () =>
  z.string().transform((text, context) => {
    try {
      return parseDuration(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

/** Configuration member for a whole number given as text, both bounds inclusive. */
export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d+$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max));

/** TCP port; 0 lets the system choose. */
export const port = () => integer(0, 65_535);

/** `true/false`, `1/0`, `yes/no`, `on/off`. */
export const flag = () =>
  z
    .string()
    .toLowerCase()
    .refine((text) => /^(true|false|1|0|yes|no|on|off)$/.test(text), 'expected true or false')
    .transform((text) => /^(true|1|yes|on)$/.test(text));

/** URL of a backing service; credentials may be inside, so it is kept as text and never printed by us. */
export const serviceUrl = (...protocols: string[]) =>
  z.string().refine(
    (text) => {
      const url = URL.parse(text);
      return url !== null && protocols.includes(url.protocol.replace(':', ''));
    },
    `expected a URL that begins with ${protocols.map((p) => `${p}://`).join(' or ')}`,
  );
