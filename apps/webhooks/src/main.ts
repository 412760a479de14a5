import { runService } from '@tributary/runtime';
import { webhooksConfig } from './config.ts';
import { startWebhooks } from './start-webhooks.ts';

await runService({
  name: 'webhooks',
  config: webhooksConfig,
  start: async (context) => {
    await startWebhooks(context);
  },
});
