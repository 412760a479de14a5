import { describe, expect, it } from '@jest/globals';
import { OpenOrders } from './commands.open-orders.ts';

describe('OpenOrders', () => {
  it('counts what stands before an order, and takes answers for the oldest first', () => {
    const open = new OpenOrders();
    expect(open.add('d', 1000)).toBe(0);
    expect(open.add('d', 2000)).toBe(1);
    expect(open.add('other', 2000)).toBe(0);
    open.answered('d', [1500]);
    expect(open.oldest('d')).toBe(2000);
    expect(open.add('d', 3000)).toBe(1);
  });

  it('counts an answer once, however often it is read, and none from before the order', () => {
    const open = new OpenOrders();
    open.add('d', 1000);
    open.add('d', 1000);
    open.answered('d', [500, 1500]);
    open.answered('d', [500, 1500]);
    expect(open.oldest('d')).toBe(1000);
    open.answered('d', [1500, 1600]);
    expect(open.oldest('d')).toBeUndefined();
    open.add('d', 1600);
    open.answered('d', [1600]);
    expect(open.oldest('d')).toBe(1600);
  });

  it('no longer waits for an order whose list never came', () => {
    const open = new OpenOrders();
    open.add('d', 0);
    expect(open.add('d', 8 * 86_400_000)).toBe(0);
  });
});
