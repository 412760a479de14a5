import { jest } from '@jest/globals';

/** For a machine that has other things to do: it costs nothing where all is well. */
jest.setTimeout(120_000);
