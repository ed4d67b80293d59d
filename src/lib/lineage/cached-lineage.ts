import { columnLineage, type ColumnLineage, type LineageOptions } from './column-lineage';

interface Entry {
  /** What was asked of the catalog, and its answers. */
  readonly asked: ReadonlyMap<string, { readonly ask: (options: LineageOptions) => Promise<unknown>; readonly answer: string }>;
  readonly lineage: ColumnLineage;
}

const entries = new Map<string, Entry>();
const maximalEntries = 200;

/** As `columnLineage`, but a statement that was understood before in this process is not parsed again as long as the tables it reads are the same. */
export async function cachedLineage(sql: string, options: LineageOptions): Promise<ColumnLineage> {
  const key = JSON.stringify([options.dialect, options.schema, sql]);
  const known = entries.get(key);
  if (known && (await stillTrue(known, options))) return known.lineage;
  const asked = new Map<string, { ask: (options: LineageOptions) => Promise<unknown>; answer: string }>();
  const remember = async <T>(question: string, ask: (options: LineageOptions) => Promise<T>): Promise<T> => {
    const answer = await ask(options);
    asked.set(question, { ask, answer: textOf(answer) });
    return answer;
  };
  const lineage = await columnLineage(sql, {
    ...options,
    lookup: (name, schema) => remember(JSON.stringify([name.owner, name.name, schema]), (given) => given.lookup(name, schema)),
    columnsOf: (item) => remember(item, (given) => given.columnsOf?.(item) ?? Promise.resolve(undefined)),
  });
  if (entries.size >= maximalEntries) entries.delete(entries.keys().next().value!);
  entries.delete(key);
  entries.set(key, { asked, lineage });
  return lineage;
}

async function stillTrue({ asked }: Entry, options: LineageOptions): Promise<boolean> {
  for (const { ask, answer } of asked.values()) if (textOf(await ask(options)) !== answer) return false;
  return true;
}

/** The parts of an answer that lineage depends on. */
function textOf(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return answer === undefined ? '' : JSON.stringify(answer);
  const { owner, name, columns, view } = answer as Readonly<Record<string, unknown>>;
  return JSON.stringify([owner, name, columns, view]);
}
