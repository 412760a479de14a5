import { runAdapter } from '@tributary/adapter-kit';
import { acme } from './acme-definition.ts';

await runAdapter(acme);
