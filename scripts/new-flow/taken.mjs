import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What of a new flow is there already: a line each. */
export function whatIsTaken(flow, files, root) {
  const problems = Object.keys(files)
    .filter((file) => existsSync(path.join(root, file)))
    .map((file) => `${file} is there already: choose another --name`);
  const folder = path.join(root, 'src/functions');
  const functions = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.ts')) : [];
  for (const name of functions) {
    const text = readFileSync(path.join(folder, name), 'utf8');
    for (const property of ['name', 'route', 'schedule']) {
      const own = property === 'name' ? flow.functionName : flow[property];
      if (text.toLowerCase().includes(`${property}: '${own.toLowerCase()}'`))
        problems.push(`the ${property} ${own} is that of src/functions/${name}: choose another --name`);
    }
    const [, functionName] = /\bname: '(\w+)'/.exec(text) ?? [];
    const sameTopic = text.includes(`sourceSystem: '${flow.sourceSystem}', zone: 'RAW'`);
    if (sameTopic && existsSync(path.join(root, 'contracts', String(functionName), `${flow.table}.avsc`)))
      problems.push(`src/functions/${name} publishes ${flow.table} of ${flow.sourceSystem} already: choose another with --table`);
  }
  return problems;
}

const secretsFile = 'local/embedded-secrets.ts';

/**
 * The secrets that lead to embedded sources, with that of the flow.
 * @returns the file that changes, nothing when the secret is there, and a problem when it leads elsewhere
 */
export function embeddedSecretsWith({ secret, source }, root) {
  const text = readFileSync(path.join(root, secretsFile), 'utf8');
  const [, present] = new RegExp(`'${secret}': '(\\w+)'`, 'i').exec(text) ?? [];
  if (present === source) return { files: {}, problems: [] };
  if (present !== undefined)
    return {
      files: {},
      problems: [`the secret ${secret} leads to a source of the kind ${present} (${secretsFile}): choose another with --secret`],
    };
  const end = text.lastIndexOf('};');
  return { files: { [secretsFile]: `${text.slice(0, end)}  '${secret}': '${source}',\n${text.slice(end)}` }, problems: [] };
}
