import { describe, expect, it } from '@jest/globals';
import { Limitations } from './limitations.ts';

describe('Limitations', () => {
  it('lists each once, in its latest words, until it is lifted', () => {
    const limitations = new Limitations();
    expect(limitations.list()).toEqual([]);
    limitations.note('log', 'the log may not be read');
    limitations.note('users', 'users may not be read');
    limitations.note('log', 'the log is switched off');
    expect(limitations.list()).toEqual(['the log is switched off', 'users may not be read']);
    limitations.lift('log');
    limitations.lift('never noted');
    expect(limitations.list()).toEqual(['users may not be read']);
  });
});
