export { closeSoon } from './close-soon.ts';
export { JobQueue, type JobQueueOptions, type Waiting } from './job-queue.ts';
export { assertOneProcessorEach, ONCE, type QueueDefinition, queuePrefix } from './queue-definition.ts';
export { blockingRedis, impatientRedis } from './redis-connections.ts';
