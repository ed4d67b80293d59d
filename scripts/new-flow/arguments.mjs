import { parseArgs } from 'node:util';

/** What the arguments ask for, or what is wrong with them: all of it at once. */
export class UsageError extends Error {}

export const usage = `npm run new-flow -- --name NAME --source oracle|rest|lakehouse [options]

  --name    e.g. labware-product: the first word is the source system, the others say what of it
  --source  what the flow reads from
  --sql     oracle: the SELECT whose rows are published (default: select * from LIMSPRD.PRODUCT)
  --key     oracle: columns of the primary key, separated by commas, when Oracle's dictionary does not tell it
  --table   name of the table that is published (default: the first table of the SELECT, ATTRIBUTE, or WEATHER)
  --secret  name of the secret that leads to the source (default: of the source system, e.g. Labware-Source)`;

const options = {
  name: { type: 'string' },
  source: { type: 'string' },
  sql: { type: 'string' },
  key: { type: 'string' },
  table: { type: 'string' },
  secret: { type: 'string' },
  help: { type: 'boolean' },
};

const sources = ['oracle', 'rest', 'lakehouse'];
const embeddedTables = { rest: 'ATTRIBUTE', lakehouse: 'WEATHER' };

/**
 * @param args as after `node new-flow.mjs`
 * @returns undefined when help is asked for
 * @throws UsageError
 */
export function readArguments(args) {
  const values = parse(args);
  if (values.help) return undefined;
  const problems = [];
  const { name, source, sql, key, secret } = values;
  if (name === undefined) problems.push('--name is missing');
  else if (!/^[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*$/.test(name) || name.length > 60)
    problems.push(`--name ${name}: use letters, digits, - and _ between words, beginning with a letter, 60 characters at most`);
  if (source === undefined) problems.push('--source is missing');
  else if (!sources.includes(source)) problems.push(`--source ${source}: it must be one of ${sources.join(', ')}`);
  if (source !== 'oracle' && sources.includes(source)) {
    if (sql !== undefined) problems.push(`--sql: a ${source} source takes no SQL`);
    if (key !== undefined) problems.push(`--key: the key of a ${source} source is written in the new files; change it there`);
  }
  if (sql !== undefined) problems.push(...sqlProblems(sql));
  const keys = key?.split(',').map((column) => column.trim());
  if (keys?.some((column) => column === '')) problems.push('--key: name columns separated by commas, e.g. --key NAME,VERSION');
  const select = (sql ?? 'select * from LIMSPRD.PRODUCT').trim();
  const table = values.table ?? embeddedTables[source] ?? firstTable(select);
  if (table === undefined) problems.push('--table is missing: the SELECT does not tell a name for what is published');
  else if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(table))
    problems.push(
      `--table ${table}: use letters, digits and _, beginning with a letter${values.table === undefined ? '; this one is from the SELECT' : ''}`,
    );
  if (secret !== undefined && !/^[A-Za-z][A-Za-z0-9-]*$/.test(secret))
    problems.push(`--secret ${secret}: Key Vault allows letters, digits and -`);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return { source, sql: select, keys: keys ?? [], table, ...namesOf(name), ...(secret !== undefined && { secret }) };
}

function parse(args) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function sqlProblems(sql) {
  const problems = [];
  if (!/^\s*(select|with)\b/i.test(sql)) problems.push('--sql: it must be a SELECT');
  if (/;\s*$/.test(sql)) problems.push('--sql: leave out the semicolon at its end');
  return problems;
}

/** `PRODUCT` of `select * from LIMSPRD.PRODUCT p`. */
function firstTable(sql) {
  return /\bfrom\s+(?:[\w$#"]+\s*\.\s*)?"?([\w$#]+)"?/i.exec(sql)?.[1];
}

/** All names of a flow: `LabwareProduct`, `LABWARE_PRODUCT` and `labware-product` are the same. */
function namesOf(name) {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_]/);
  const capital = (word) => word[0].toUpperCase() + word.slice(1);
  const [system, ...rest] = words;
  const flowClass = words.map(capital).join('');
  const sourceSystem = system.toUpperCase();
  return {
    file: words.join('-'),
    system,
    sourceSystem,
    flowClass,
    runnerClass: `${flowClass}Runner`,
    variable: flowClass[0].toLowerCase() + flowClass.slice(1),
    functionName: [sourceSystem, ...(rest.length > 0 ? [rest.map(capital).join('')] : []), 'Reader'].join('_'),
    route: [sourceSystem, ...(rest.length > 0 ? [rest.join('-')] : []), 'run'].join('/'),
    schedule: `${words.join('_').toUpperCase()}_SCHEDULE`,
    secret: `${capital(system)}-Source`,
  };
}
