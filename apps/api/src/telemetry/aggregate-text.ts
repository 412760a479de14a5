/** What the aggregates mean, for the descriptions of the routes that give them. */
export const AGGREGATES = `Buckets are those of the calendar in the zone: days, weeks (from Monday), months and years begin at midnight there, so that a day may have 23 or 25 hours; widths that divide the hour count real time, longer ones (PT6H) follow the clock on the wall. Of the first and the last bucket only what lies within the range counts.

- \`count\`: points of any type.
- \`avg\`, \`min\`, \`max\`, \`sum\`: of the points that are numbers; null where none is. A series of text, of truth values or of JSON has nulls here.
- \`first\`, \`last\`: values of the earliest and the latest point, of any type.
- \`delta\`: the last number at or before the end of the bucket, less the last number at or before its begin. A number at the very end closes the bucket and opens the next one, also one at \`to\`; so deltas of days add up to the delta of their month.
- \`increase\`: the same of a counter. Where the number falls, a reset is assumed and the new number counts from zero (nothing, if it is below zero). Never negative; increases add up too.

Before its first number a series stands at that number: what a counter showed when it was first read counts for nothing. Where no number came, \`delta\` and \`increase\` are 0 after the first number ever, null before it, and null in a bucket that begins later than now. What was used while nothing came is in the bucket of the next number. A correction counts as if the point had always had its new value: between two neighbours it moves an amount from one to the other, and the amount of both together stays. Numbers are binary floating point: sums agree but for its rounding. Points that were deleted when their retention ended are no longer known; the first number is the first one that is kept.`;
