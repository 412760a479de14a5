import { ConfigError, createLogger, EXIT_CONFIG, loadConfig, serviceConfig } from '@tributary/runtime';
import { z } from 'zod';
import { databaseConfig } from './config.ts';
import { migrate } from './migrations/migrate.ts';

const { LOG_LEVEL, LOG_FORMAT } = serviceConfig;
const schema = z.object({ LOG_LEVEL, LOG_FORMAT, DATABASE_URL: databaseConfig.DATABASE_URL });

/** `node dist/migrate-main.js`: brings the database of DATABASE_URL to the newest migration. 0 done, 1 failed, 78 configuration. */
async function main(): Promise<number> {
  let config: z.output<typeof schema>;
  try {
    config = loadConfig(schema, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`migrate: ${error.message}\n`);
    return EXIT_CONFIG;
  }
  const log = createLogger({ service: 'migrate', level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  try {
    const { applied } = await migrate({ url: config.DATABASE_URL, log });
    log.info({ applied }, applied.length > 0 ? 'migrated' : 'nothing to migrate');
    return 0;
  } catch (error) {
    log.fatal({ err: error }, 'the migration failed');
    return 1;
  }
}

process.exitCode = await main();
