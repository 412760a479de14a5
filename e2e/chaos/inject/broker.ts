import type { Fault } from '../plan/faults.ts';
import type { Injection } from './injection.ts';

type OfBroker = Extract<Fault, { kind: `broker-${string}` }>;

const ALARMS = {
  memory: { raise: ['set_vm_memory_high_watermark', '0.000001'], end: ['set_vm_memory_high_watermark', '0.4'] },
  disk: { raise: ['set_disk_free_limit', '900GB'], end: ['set_disk_free_limit', '50MB'] },
} as const;

export function injectIntoBroker(fault: OfBroker, { world, progress, turns }: Injection): Promise<void> {
  const { rabbitmq } = world.backings;
  return turns.take('rabbitmq', async () => {
    switch (fault.kind) {
      case 'broker-kill':
        await rabbitmq.kill();
        await progress.producedMore(fault.forPoints);
        return rabbitmq.start();
      case 'broker-restart':
        await rabbitmq.stop();
        return rabbitmq.start();
      case 'broker-close-connections':
        return rabbitmq.control('close_all_connections', 'closed by the campaign');
      case 'broker-alarm': {
        const { raise, end } = ALARMS[fault.resource];
        await rabbitmq.control(...raise);
        await progress.producedMore(fault.forPoints);
        return rabbitmq.control(...end);
      }
    }
  });
}
