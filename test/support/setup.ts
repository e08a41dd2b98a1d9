import { afterAll } from 'vitest';
import { checkWrittenJunit } from './junit.js';

// Part of every file of tests: what JUnit its commands have written has to be valid.
afterAll(checkWrittenJunit);
