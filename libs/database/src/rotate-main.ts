import { ConfigError, createLogger, EXIT_CONFIG, loadConfig, serviceConfig } from '@tributary/runtime';
import { z } from 'zod';
import { databaseConfig, vaultConfig } from './config.ts';
import { CredentialVault } from './connections/credential-vault.ts';
import { rotateCredentials } from './connections/rotate-credentials.ts';
import { openDatabase } from './database.ts';

const { LOG_LEVEL, LOG_FORMAT } = serviceConfig;
const schema = z.object({ LOG_LEVEL, LOG_FORMAT, DATABASE_URL: databaseConfig.DATABASE_URL, ...vaultConfig });

/** `node dist/rotate-main.js`: seals all credentials with the first of TRIBUTARY_KEYS. 0 done, 1 failed, 78 configuration. */
async function main(): Promise<number> {
  let config: z.output<typeof schema>;
  try {
    config = loadConfig(schema, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`rotate: ${error.message}\n`);
    return EXIT_CONFIG;
  }
  const log = createLogger({ service: 'rotate', level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const db = openDatabase({ url: config.DATABASE_URL, log, poolSize: 2, applicationName: 'rotate' });
  try {
    const { rotated } = await rotateCredentials(db, new CredentialVault(config.TRIBUTARY_KEYS));
    log.info({ rotated }, 'all credentials are sealed with the first key');
    return 0;
  } catch (error) {
    log.fatal({ err: error }, 'the credentials could not be sealed anew');
    return 1;
  } finally {
    await db.close();
  }
}

process.exitCode = await main();
