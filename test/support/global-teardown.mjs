// After all tests: stops the broker and the registry when a test started them.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

export default async function teardown() {
  const folder = process.env.TABLECAST_TEST_FOLDER;
  const pidFile = path.join(folder, 'services.pid');
  if (existsSync(pidFile)) {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    try {
      process.kill(pid, 'SIGTERM');
      for (;;) {
        process.kill(pid, 0); // throws once it is gone
        await delay(25);
      }
    } catch {
      // Gone.
    }
  }
  rmSync(folder, { recursive: true, force: true });
}
