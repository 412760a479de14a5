import { describe, expect, it } from '@jest/globals';
import { assertOneProcessorEach, queuePrefix } from './queue-definition.ts';

const queues = { first: {}, second: {} };

describe('queues of a service', () => {
  it('have one processor each', () => {
    expect(() => assertOneProcessorEach(queues, ['second', undefined, 'first'])).not.toThrow();
  });

  it('are named where they have none or several', () => {
    expect(() => assertOneProcessorEach(queues, ['second', 'second'])).toThrow(
      'queue first has 0 processors instead of one; queue second has 2 processors instead of one',
    );
  });

  it('of two stages share a Redis and live in a slot of their own', () => {
    expect(queuePrefix('tributary', { name: 'turns' })).toBe('{tributary:turns}');
    expect(queuePrefix('stage', { name: 'turns' })).not.toBe(queuePrefix('tributary', { name: 'turns' }));
  });
});
