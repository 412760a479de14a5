/** Imported for its effect: a program that was started over IPC does not outlive whoever started it. */
process.once('disconnect', () => process.exit());
