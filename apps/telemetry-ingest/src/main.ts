import { runService } from '@tributary/runtime';
import { ingestConfig } from './config.ts';
import { startIngest } from './start-ingest.ts';

await runService({
  name: 'telemetry-ingest',
  config: ingestConfig,
  start: async (context) => {
    await startIngest(context);
  },
});
