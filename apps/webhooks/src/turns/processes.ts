import { DiscoveryService } from '@nestjs/core';
import type { QueueKey } from '../queues.ts';

/** Marks the provider that processes the jobs of a queue. */
export const Processes = DiscoveryService.createDecorator<QueueKey>();
