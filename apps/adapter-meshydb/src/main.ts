import { runAdapter } from '@tributary/adapter-kit';
import { adapter } from './adapter.ts';

await runAdapter(adapter);
