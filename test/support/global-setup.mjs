// Before all tests: looks which parts this machine has, and names the folder in which the first test that needs a broker starts one.
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import * as checkers from '../../scripts/parts/checkers.mjs';
import * as extensions from '../../scripts/parts/duckdb-extensions.mjs';
import * as kafka from '../../scripts/parts/kafka.mjs';
import * as python from '../../scripts/parts/python.mjs';
import * as registry from '../../scripts/parts/registry.mjs';

export default async function setup() {
  const interpreter = python.inspect();
  process.env.TABLECAST_TEST_PARTS = JSON.stringify({
    kafka: kafka.inspect(),
    registry: registry.inspect(),
    extensions: await extensions.inspect(),
    checkers: checkers.inspect(),
    python: interpreter.ok ? { ok: true, path: python.interpreter(interpreter.path) } : interpreter,
  });
  process.env.TABLECAST_TEST_FOLDER = mkdtempSync(path.join(os.tmpdir(), 'tablecast-test-'));
  process.env.TABLECAST_TEST_OWNER = String(process.pid);
}
