// Notes in dist/ which sources it was built from, so that a build that an update has left behind is told from a current one.
import { fileURLToPath } from 'node:url';
import record from '../dist/build-record.js';

record.recordSources(fileURLToPath(new URL('..', import.meta.url)));
