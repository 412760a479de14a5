import 'reflect-metadata';
import { runService } from '@tributary/runtime';
import { apiConfig } from './config.ts';
import { startApi } from './start-api.ts';

await runService({
  name: 'api',
  config: apiConfig,
  start: async (context) => {
    await startApi(context);
  },
});
