import { describe, expect, it } from '@jest/globals';
import { costOf } from '@tributary/testing';
import { readFileList } from './file-list.ts';

const element = '<GeoLogFile><FileName>a/b.osfz</FileName><Status>3</Status><Size>10</Size></GeoLogFile>';
const file = { filename: 'a/b.osfz', status: '3', size: '10' };

describe('readFileList', () => {
  it.each([
    ['none', '<FileList/>', []],
    ['none, open', '<FileList>\n</FileList>', []],
    ['one', `<?xml version="1.0"?><FileList>${element}</FileList>`, [file]],
    ['many', `<FileList>${element}${element}</FileList>`, [file, file]],
    ['attributes', '<FileList><GeoLogFile filename="a/b.osfz" STATUS="3" size="10"/></FileList>', [file]],
    [
      'both',
      '<filelist><geologfile Status="3"><fileName>a/b.osfz</fileName><Size u="B">10</Size></geologfile></filelist>',
      [file],
    ],
  ])('reads %s', (_name, xml, files) => {
    expect(readFileList(xml)).toEqual(files);
  });

  it('reads names with markup and letters of any script', () => {
    const xml =
      '<FileList><GeoLogFile><FileName>R&amp;D/Zürich 列.osfz</FileName><Status>0</Status></GeoLogFile></FileList>';
    expect(readFileList(xml)).toEqual([{ filename: 'R&D/Zürich 列.osfz', status: '0' }]);
  });

  it.each([
    ['a DOCTYPE', '<!DOCTYPE FileList [<!ENTITY a "aaaa">]><FileList>&a;</FileList>'],
    ['a DOCTYPE in lower case', '<!doctype html><FileList/>'],
    ['an entity of a file', '<!ENTITY x SYSTEM "file:///etc/passwd"><FileList>&x;</FileList>'],
    ['two DOCTYPEs', '<!DOCTYPE a><!DOCTYPE b><FileList/>'],
    ['HTML', '<html><body>Sign in</body></html>'],
    ['no XML', 'nothing here'],
    ['XML cut off', '<FileList><GeoLogFile><FileName>a'],
    ['nothing', ''],
  ])('refuses %s', (_name, xml) => {
    expect(() => readFileList(xml)).toThrow(expect.objectContaining({ code: 'malformed-response' }));
  });

  it('is not held up by numeric references', () => {
    const reading = (references: number) => () =>
      readFileList(`<FileList><GeoLogFile><FileName>${'&#65;'.repeat(references)}</FileName></GeoLogFile></FileList>`);
    // Eight times the references: 8 where each costs the same, 64 where each costs a walk over all.
    expect(costOf(reading(200_000)) / costOf(reading(25_000))).toBeLessThan(32);
  });
});
