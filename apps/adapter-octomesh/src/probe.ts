import type { Limitations } from '@tributary/adapter-kit';
import { isPlatformError } from '@tributary/contracts';
import type { OctomeshClient } from './client.ts';

const REST = 'rest';
const HEALTH = 'health';

/**
 * The cheapest authenticated question, where data comes from. The tenant's own page and the platform's health are looked
 * at beside it: what they say is shown, and without them the connection works all the same.
 */
export async function probe(
  { client, limitations }: { client: OctomeshClient; limitations: Limitations },
  signal: AbortSignal,
): Promise<void> {
  await client.alive({ lane: 'interactive', signal });
  await beside(REST, limitations, async () => {
    await client.tenant({ lane: 'interactive', signal });
    return undefined;
  });
  await beside(HEALTH, limitations, async () => {
    const status = await client.health({ lane: 'interactive', signal });
    return status === undefined || status.toLowerCase() === 'healthy'
      ? undefined
      : `OctoMesh says of itself: ${status}`;
  });
}

async function beside(what: string, limitations: Limitations, ask: () => Promise<string | undefined>): Promise<void> {
  try {
    const problem = await ask();
    if (problem === undefined) limitations.lift(what);
    else limitations.note(what, problem);
  } catch (error) {
    if (!isPlatformError(error) || error.code === 'authentication') throw error;
    const asked = what === REST ? "the tenant's information (restUrl)" : "the platform's health";
    limitations.note(what, `${asked} cannot be had: ${error.message}`);
  }
}
