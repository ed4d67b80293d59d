import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const templates = path.join(path.dirname(fileURLToPath(import.meta.url)), 'templates');

/** The files of a flow: path below the project's folder → text, formatted as the project's are. */
export async function filesOf(flow, root) {
  const { source, file } = flow;
  const wanted = {
    [`src/functions/${file}.ts`]: 'function.ts.template',
    [`src/runners/${file}-runner.ts`]: `${source}/runner.ts.template`,
    ...(source === 'rest' && {
      [`src/readers/${file}-reader.ts`]: 'rest/reader.ts.template',
      [`src/readers/${file}-schema.ts`]: 'rest/schema.ts.template',
    }),
    [`test/functions/${file}.test.ts`]: `${source}/test.ts.template`,
  };
  const values = { ...flow, ...readerOf(flow), sqlLiteral: sqlLiteral(flow.sql), setPks: setPks(flow.keys) };
  const { default: prettier } = await import('prettier'); // takes longer to load than wrong arguments take to find
  const options = await prettier.resolveConfig(path.join(root, 'src/functions/any.ts'));
  const texts = Object.entries(wanted).map(async ([target, template]) => {
    const text = fill(readFileSync(path.join(templates, template), 'utf8'), values);
    return [target, await prettier.format(text, { ...options, parser: 'typescript' })];
  });
  return Object.fromEntries(await Promise.all(texts));
}

/** Puts values in place of `{{name}}`. */
function fill(template, values) {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_match, name) => {
    if (values[name] === undefined) throw new Error(`A template names ${name}, which a flow does not have`);
    return values[name];
  });
}

/** The line in the function that makes the reader, and what it imports. */
function readerOf({ source, flowClass, file, secret }) {
  const settings = { oracle: 'OracleConnectionSettings', rest: 'RestConnectionSettings', lakehouse: 'LakehouseConnectionSettings' }[source];
  const reader = { oracle: 'OracleReader', rest: `${flowClass}Reader`, lakehouse: 'LakehouseReader' }[source];
  const readerFile = source === 'rest' ? file : source;
  return {
    newReader: `new ${reader}(new ${settings}('${secret}'), logger)`,
    readerImports: [
      `import { ${settings} } from '../readers/${source}-connection-settings';`,
      `import { ${reader} } from '../readers/${readerFile}-reader';`,
    ].join('\n'),
  };
}

/** On several lines as it was written, else a plain string. */
function sqlLiteral(sql) {
  return sql.includes('\n') ? `\`\n${sql.replaceAll(/[\\`]|\$\{/g, '\\$&')}\`` : JSON.stringify(sql);
}

function setPks(keys) {
  return keys.length === 0 ? '' : `.setPks(${JSON.stringify(keys)})`;
}
