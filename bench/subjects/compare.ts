import type { DeltaTask } from '../../src/lib/delta/delta-strategy';
import { snapshot } from '../../src/lib/delta/snapshot';
import type { KafkaProducer } from '../../src/lib/kafka/kafka-producer';
import { measure, type Measurement } from '../measurement';
import { openSource, sourceSchema, sourceTable } from '../source-table';
import { subjectContext } from '../subject-context';

/**
 * What a snapshot delta does between reading the source and publishing: checks the key, hashes and writes the new state, compares it with the one published
 * last. A hundredth of the rows has changed, as many are new, and as many are gone. Nothing is sent.
 */
export async function compare({ file }: { readonly file: string }): Promise<Measurement> {
  await using workspace = await openSource(file);
  const schema = await sourceSchema(workspace);
  const context = subjectContext('bench-compare', workspace, {});
  const nobody = { replaceTable: () => Promise.resolve(0), upsertTable: () => Promise.resolve(0) } as unknown as KafkaProducer;
  const task: DeltaTask = {
    producer: nobody,
    reader: { connect: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() },
    run: context,
    backfillBy: [],
    load: () => Promise.resolve({ table: sourceTable, schema }),
  };
  const strategy = snapshot();
  const pointer = (await strategy.initialLoad(task))!;
  await workspace.run(`UPDATE ${sourceTable} SET amount = amount + 1 WHERE id % 100 = 1`);
  await workspace.run(`UPDATE ${sourceTable} SET id = -1 - id WHERE id % 100 = 2`);
  const next = { ...task, run: { ...context, id: '01J0000000000000000000CMPR' } };
  return await measure(async () => {
    await strategy.deltaLoad(next, pointer);
    return workspace.rowCount(sourceTable);
  });
}
