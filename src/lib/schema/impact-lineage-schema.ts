import { ArraySchema, AvroMap } from './nested-types';
import { RecordSchema } from './record-schema';
import { AvroString } from './simple-types';
import { ValueSchema } from './value-schema';

/**
 * The value of a lineage document: what a dataflow publishes, and which tables and columns that comes from. Source: `kafkaavro.impact_lineage` of
 * rtdi_kafkaavro.
 */
export function impactLineageValueSchema(): ValueSchema {
  const columnSource = new RecordSchema('column_source', undefined, 'Table/column information of the source').addField(
    'source_column_name',
    new AvroString(),
    'The source column name used in the mapping',
  );
  const column = new RecordSchema('target_table_column', undefined, 'The column level mapping for each target column')
    .addField('column_name', new AvroString(), 'The column name of the target table', false)
    .addField('mapping_formula', new AvroString(), 'An approximation of the column mapping formula')
    .addField('mapping_description', new AvroString(), 'Optional free form text describing the column mapping')
    .addField('column_sources', new AvroMap(new ArraySchema(columnSource)), 'All source table/columns impacting this target column');
  const sourceTable = new RecordSchema('source_table', undefined, 'Information about the source table')
    .addField('source_table_name', new AvroString(), 'The fully qualified source table name', false)
    .addField(
      'source_connection',
      new AvroString(),
      'The technical connection information of the target system, e.g. connection URL',
      false,
    )
    .addField('mapping_formula', new AvroString(), 'An approximation of the mapping, e.g. output=input or output=scd2(input)')
    .addField('mapping_description', new AvroString(), 'Optional free form text describing the mapping');
  const targetTable = new RecordSchema('target_table', undefined, 'Contains the target table info and how it is loaded')
    .addField('target_table_name', new AvroString(), 'The fully qualified target table name', false)
    .addField(
      'target_connection',
      new AvroString(),
      'The technical connection information of the target system, e.g. connection URL',
      false,
    )
    .addField('source_tables', new AvroMap(sourceTable), 'The list of source tables providing information for this target table')
    .addField('target_columns', new AvroMap(column), 'The list of target table columns');
  return new ValueSchema('impact_lineage')
    .addField(
      'producer_name',
      new AvroString(),
      'Producer name is the process name, e.g. a container name, a lambda name, a batch process',
      false,
    )
    .addField('dataflow_name', new AvroString(), 'Within a process name can be multiple sequential or parallel flows')
    .addField('target_tables', new AvroMap(targetTable), 'The list of source tables providing information for this target table')
    .setPks(['producer_name', 'dataflow_name']);
}
