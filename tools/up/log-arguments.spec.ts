import { describe, expect, it } from '@jest/globals';
import { parseLogArguments } from './log-arguments.ts';

const services = ['api', 'telemetry-ingest', 'simulators'];

describe('which logs are shown', () => {
  it.each([
    [[], []],
    [['--logs'], 'all'],
    [['--logs', 'api'], ['api']],
    [
      ['--logs', 'api', 'simulators'],
      ['api', 'simulators'],
    ],
    [['--logs=api,simulators'], ['api', 'simulators']],
  ])('%j: %j', (args, shown) => {
    expect(parseLogArguments(args, services)).toEqual(shown);
  });

  it('names the services where there is none of that name', () => {
    expect(() => parseLogArguments(['--logs', 'apl'], services)).toThrow(
      'No service is called apl. There are: api, telemetry-ingest, simulators.',
    );
  });

  it('refuses what it does not know', () => {
    expect(() => parseLogArguments(['--verbose'], services)).toThrow(/--verbose/);
  });
});
