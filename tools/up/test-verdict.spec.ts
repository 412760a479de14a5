import { describe, expect, it } from '@jest/globals';
import { type JestSummary, testVerdict } from './test-verdict.ts';

type File = JestSummary['testResults'][number];

const file = (name: string, status: File['status'], ...tests: string[]): File => ({
  name,
  status,
  assertionResults: tests.map((test) => ({ status: test })),
});
const run = (...testResults: File[]): JestSummary => ({ testResults });

const good = file('good', 'passed', 'passed', 'passed');
const bad = file('late', 'failed', 'passed', 'failed');

describe('verdict over a test run', () => {
  it('is good when all that ran passed, whatever was skipped', () => {
    const skipped = file('browser', 'skipped', 'pending');
    const focused = file('some', 'focused', 'passed', 'pending');
    expect(testVerdict(run(good, skipped, focused))).toEqual({ passed: 3, failed: 0, skipped: 2, exitCode: 0 });
  });

  it('is bad with one failed test', () => {
    expect(testVerdict(run(good, bad))).toEqual({ passed: 3, failed: 1, skipped: 0, exitCode: 1 });
  });

  it('is bad when a file broke down before its tests', () => {
    expect(testVerdict(run(good, file('broken', 'failed')))).toMatchObject({ failed: 0, exitCode: 1 });
  });

  it('is bad when nothing ran', () => {
    expect(testVerdict(run()).exitCode).toBe(1);
    expect(testVerdict(run(file('browser', 'skipped', 'pending'))).exitCode).toBe(1);
  });

  it('counts a file that was run again as it ended', () => {
    const mended = run(file('late', 'passed', 'passed', 'passed'));
    expect(testVerdict(run(good, bad), mended)).toEqual({ passed: 4, failed: 0, skipped: 0, exitCode: 0 });
    expect(testVerdict(run(good, bad), run(bad))).toEqual({ passed: 3, failed: 1, skipped: 0, exitCode: 1 });
  });

  it('does not forget what failed beside the files that were run again', () => {
    const mended = run(file('late', 'passed', 'passed'));
    expect(testVerdict(run(bad, file('other', 'failed', 'failed')), mended).exitCode).toBe(1);
  });
});
