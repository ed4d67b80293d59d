import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { chapters } from './chapters';
import { describeMachine } from './machine';
import { projectFolder } from './project';
import { isMet, reportPage, type Chapter } from './report';
import { Services } from './services';

const usage = `node dist/bench/index.js [--only ${Object.keys(chapters).join(',')}] [--rounds 5] [--rows 500000] [--many-rows 5000000] [--print]

Measures, and writes docs/benchmarks.md; with --print, or when only some chapters are measured, it prints the page.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      rows: { type: 'string', default: '500000' },
      'many-rows': { type: 'string', default: '5000000' },
      print: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const selected = values.only?.split(',') ?? Object.keys(chapters);
  if (values.help || selected.some((name) => !Object.hasOwn(chapters, name))) {
    console.log(usage);
    return;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tablecast-bench-'));
  const measured: Chapter[] = [];
  try {
    await using services = new Services();
    for (const name of selected) {
      console.log(name);
      const options = { rounds: Number(values.rounds), rows: Number(values.rows), manyRows: Number(values['many-rows']), folder, services };
      measured.push(await chapters[name]!(options));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const page = reportPage(describeMachine(), measured);
  if (values.print || values.only !== undefined) {
    console.log(page);
  } else {
    const file = path.join(projectFolder, 'docs', 'benchmarks.md');
    await writeFile(file, await format(page, { ...(await resolveConfig(file)), filepath: file }));
    console.log('written: docs/benchmarks.md');
  }
  for (const { title, verdicts } of measured) {
    for (const verdict of verdicts) {
      if (!isMet(verdict)) console.log(`NOT met: ${title}, ${verdict.text}: ${verdict.value.toFixed(2)} ${verdict.unit}`);
    }
  }
}

void main();
