import { scope, workspaceId } from '@tributary/contracts';
import { ApiKeys, AuditLog, databaseConfig, inTransaction, openDatabase } from '@tributary/database';
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
    const { KEY_WORKSPACE: workspace, KEY_NAME: name, KEY_SCOPES: scopes } = settings;
    const token = await inTransaction(db.pool, async (tx) => {
      await makeWorkspace(tx, workspace);
      const made = await new ApiKeys(db, { clock: systemClock }).create({ workspace, name, scopes }, tx);
      const entry = { workspace, actor: 'create-key', action: 'api-key.created', target: made.id };
      await new AuditLog(db).record({ ...entry, details: { name, scopes } }, tx);
      return made.token;
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
