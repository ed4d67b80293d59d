import { Field } from './field';
import { KeySchema } from './key-schema';
import { ArraySchema, AvroMap } from './nested-types';
import { RecordSchema } from './record-schema';
import { AvroBoolean, AvroInt, AvroLong, AvroString } from './simple-types';
import { ValueSchema } from './value-schema';

/**
 * The value of a commit record: which rows a transaction sent, by topic and partition. A consumer that has read every listed partition up to
 * `max_offset` has the whole transaction.
 */
export function commitValueSchema(): ValueSchema {
  const offsets = new RecordSchema('min_max_offsets')
    .addField('min_offset', new AvroLong())
    .addField('max_offset', new AvroLong())
    .addField('partition', new AvroInt());
  const topic = new RecordSchema('topic_offsets')
    .addField('topic_name', new AvroString())
    .addField('schema_names', new ArraySchema(new AvroString()))
    .addField('offsets', new AvroMap(offsets));
  return new ValueSchema('commit')
    .addField('commit_id', new AvroString())
    .addField('producer_name', new AvroString())
    .addField('commit_epoch_ns', new AvroLong())
    .addField('record_count', new AvroInt())
    .addField('rollback', new AvroBoolean())
    .addField('topics', new AvroMap(topic))
    .setPks(['commit_id', 'producer_name']);
}

/** The key of a commit record. Unlike a table's key its fields can be null. */
export function commitKeySchema(): KeySchema {
  return new KeySchema({
    name: 'commit_key',
    keyFields: [new Field('commit_id', new AvroString()), new Field('producer_name', new AvroString())],
  });
}
