import { trainer } from './train-once.js';

process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(1));

/** What a process does that trains. */
export default trainer();
