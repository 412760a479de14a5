import { describe, expect, it } from '@jest/globals';
import { replaceSection, table } from './page.ts';

describe('the page of measurements', () => {
  it('replaces one section and keeps what people wrote around it', () => {
    const page = 'before\n<!-- measured: a -->\nold\n<!-- /measured: a -->\nafter';
    expect(replaceSection(page, 'a', 'new\n')).toBe(
      'before\n<!-- measured: a -->\n\nnew\n\n<!-- /measured: a -->\nafter',
    );
    expect(() => replaceSection(page, 'b', 'new')).toThrow(RangeError);
  });

  it('aligns the columns of a table', () => {
    expect(table(['what', 'n'], [['rows', '12 000']])).toBe('| what | n      |\n| ---- | ------ |\n| rows | 12 000 |');
  });
});
