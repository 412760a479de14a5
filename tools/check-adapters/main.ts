import { checkArrows } from './arrows.ts';
import { checkDialling } from './dialling.ts';
import { checkAdapterPlan } from './plan.ts';
import { checkVendorNames } from './vendor-names.ts';

/** Everything that lint and types cannot see. Prints each problem; the exit code is 1 when there is one. */
const problems = [...checkArrows(), ...checkAdapterPlan(), ...checkDialling(), ...checkVendorNames()];
for (const problem of problems) process.stdout.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
else process.stdout.write('import arrows, adapter plan, dialling and names: in order\n');
