/** The runner gives a worker up that does not answer for a minute: a file of many tests that never wait would not let it. */
import { afterEach } from 'vitest';

afterEach(() => new Promise<void>((done) => setImmediate(done)));
