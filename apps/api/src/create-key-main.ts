import { scope, workspaceId } from '@tributary/contracts';
import { ApiKeys, databaseConfig, openDatabase } from '@tributary/database';
import { ConfigError, createLogger, EXIT_CONFIG, loadConfig, systemClock } from '@tributary/runtime';
import { z } from 'zod';
import { makeWorkspace } from './api-keys/bootstrap-key.ts';

const config = z.object({
  ...databaseConfig,
  KEY_WORKSPACE: workspaceId.default('default').describe('Workspace of the key that `create-key` makes.'),
  KEY_NAME: z.string().min(1).max(100).default('created on the command line').describe('Name of that key.'),
  KEY_SCOPES: z
    .string()
    .default('read,write,command,admin')
    .transform((text) => text.split(','))
    .pipe(z.array(scope).min(1))
    .describe('Scopes of that key, separated by commas.'),
});

/** Makes a key and writes it, and nothing else, to standard output. */
async function createKey(settings: z.output<typeof config>): Promise<void> {
  const log = createLogger({ service: 'create-key', level: 'warn', format: 'pretty', destination: process.stderr });
  const db = openDatabase({ url: settings.DATABASE_URL, log, poolSize: 2, applicationName: 'create-key' });
  try {
    await makeWorkspace(db, settings.KEY_WORKSPACE);
    const { token } = await new ApiKeys(db, { clock: systemClock }).create({
      workspace: settings.KEY_WORKSPACE,
      name: settings.KEY_NAME,
      scopes: settings.KEY_SCOPES,
    });
    process.stdout.write(`${token}\n`);
  } finally {
    await db.close();
  }
}

try {
  await createKey(loadConfig(config, process.env));
} catch (error) {
  process.stderr.write(`create-key: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
}
