import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.resolve(__dirname, '..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'src/lib/CHANGELOG.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'));

function read(page: string): string {
  return readFileSync(path.join(root, page), 'utf8');
}

/** The TypeScript of a page that stands alone (it has imports), as files in the folder where it belongs. */
function programsOf(page: string): { file: string; code: string }[] {
  const blocks = [...read(page).matchAll(/(?:`(src\/[\w/-]+\.ts)`:\n\n)?```ts\n([\s\S]*?)```/g)];
  return blocks
    .map(([, file, code = ''], index) => ({ file: file ?? `src/runners/${page.replaceAll(/\W/g, '-')}-${index}.ts`, code }))
    .filter(({ code }) => code.startsWith('import'))
    .map(({ file, code }) => ({ file: path.join(root, file), code }));
}

test('the programs in the documentation compile', () => {
  const files = new Map(pages.flatMap(programsOf).map(({ file, code }) => [file, code]));
  expect(files.size).toBeGreaterThan(2);
  const config = ts.getParsedCommandLineOfConfigFile(
    path.join(root, 'tsconfig.json'),
    { noEmit: true, incremental: false },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
      },
    },
  );
  const options: ts.CompilerOptions = { ...config?.options };
  delete options.tsBuildInfoFile;
  const host = ts.createCompilerHost(options);
  const disk = { ...host };
  host.fileExists = (name) => files.has(name) || disk.fileExists(name);
  // Also folders that only the pages' programs have.
  const folders = new Set([...files.keys()].map((file) => path.dirname(file)));
  host.directoryExists = (name) => folders.has(name) || ts.sys.directoryExists(name);
  host.readFile = (name) => files.get(name) ?? disk.readFile(name);
  host.getSourceFile = (name, version, ...rest) => {
    const code = files.get(name);
    return code === undefined ? disk.getSourceFile(name, version, ...rest) : ts.createSourceFile(name, code, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const problems = [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  const shown = problems.map(
    ({ file, messageText }) => `${path.relative(root, file?.fileName ?? '')}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
  expect(shown).toEqual([]);
});

test('links between the pages lead somewhere', () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(path.resolve(root, path.dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});
