import { work } from './work.js';

// Ctrl-C reaches the whole process group; the host decides what ends.
process.on('SIGINT', () => {});
// The host is gone (kill -9): nobody waits for the result.
process.on('disconnect', () => process.exit(1));

export default work;
