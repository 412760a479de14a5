import sequencer from '@jest/test-sequencer';

const Sequencer = sequencer.default ?? sequencer;

/**
 * Kinds of tests, the longest first; a fresh clone has no memory of how long each file took. The campaign and the sweep
 * of failpoints want much of the machine: beside them stands what mostly waits, and never one beside the other.
 */
const KINDS = [
  /e2e\/src\/chaos\.spec/,
  /conformance\.spec/,
  /e2e\/src\/failpoints\.spec/,
  /\/e2e\/|\/tour\//,
  /adapter-[a-z]+\/test\//,
  /integration\.spec/,
  /./,
];

const kindOf = (path) => KINDS.findIndex((kind) => kind.test(path));

/** Begins with what takes minutes, so that no worker is left alone with it at the end. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((a, b) => kindOf(a.path) - kindOf(b.path));
  }
}
