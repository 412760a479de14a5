/** What Jest writes of a run, as far as it is read here. */
export interface JestSummary {
  testResults: {
    name: string;
    /** `skipped`: every test of the file was; `focused`: some were. Neither is a failure. */
    status: 'passed' | 'failed' | 'skipped' | 'focused';
    assertionResults: { status: 'passed' | 'failed' | 'pending' | string }[];
  }[];
}

export interface TestVerdict {
  passed: number;
  failed: number;
  skipped: number;
  /** 0: something passed, nothing failed, and no file broke down before its tests. */
  exitCode: 0 | 1;
}

/** Both runs as one: a file that was run again counts as it ended. */
export function testVerdict(first: JestSummary, second?: JestSummary): TestVerdict {
  const again = new Set(second?.testResults.map(({ name }) => name));
  const files = [...first.testResults.filter(({ name }) => !again.has(name)), ...(second?.testResults ?? [])];
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const of = (...states: string[]) => tests.filter(({ status }) => states.includes(status)).length;
  const passed = of('passed');
  const good = passed > 0 && files.every(({ status }) => status !== 'failed');
  return {
    passed,
    failed: of('failed'),
    skipped: of('pending', 'skipped', 'todo', 'disabled'),
    exitCode: good ? 0 : 1,
  };
}
