import { encodeRow } from '../avro/encode-row';
import type { RunContext } from '../context';
import { TablecastError } from '../errors';
import { impactKeyRow, impactValueRow } from '../lineage/impact-document';
import type { LineageDocument } from '../lineage/lineage-document';
import type { LineageRecorder } from '../lineage/lineage-recorder';
import { impactLineageValueSchema, KeySchema, type Row } from '../schema';
import { createTarget } from './create-target';
import type { KafkaConnection } from './kafka-connection';
import type { SchemaRegistry } from './schema-registry';
import { topicName } from './topic-name';

/** The lineage document as it is to be sent. */
export interface LineageMessage {
  readonly topic: string;
  readonly key: Buffer;
  readonly value: Buffer;
  /** What the recorder is told once it is committed. */
  readonly text: string;
}

/** More than these would bury the other notes. */
const maximalNotes = 20;

/**
 * The lineage document of the run so far, as the message that belongs into its transaction; undefined when consumers have it already. Best effort: when
 * its topic or schema is refused, the report says so, and the rows are published without it.
 * @param technical the technical fields of the row
 */
export async function lineageMessage(
  {
    context,
    connection,
    registry,
  }: { readonly context: RunContext; readonly connection: KafkaConnection; readonly registry: SchemaRegistry },
  technical: Row,
): Promise<LineageMessage | undefined> {
  const { journal, lineage, settings } = context;
  try {
    const { document, text, changed } = await lineage.current();
    noteLineage(lineage, document, journal);
    if (!changed || settings.LINEAGE_TOPIC === 'off') return undefined;
    const valueSchema = impactLineageValueSchema();
    const target = await createTarget(
      { context, connection, registry },
      {
        name: 'impact_lineage',
        table: 'impact_lineage',
        topic: topicName(settings.LINEAGE_TOPIC, { environment: settings.ENVIRONMENT }),
        partitions: 1,
        subjects: 'TopicNameStrategy',
        keySchema: new KeySchema(valueSchema),
        valueSchema,
        compactable: true,
      },
    );
    return {
      topic: target.topic,
      key: encodeRow(target.keySchema, target.keySchemaId, impactKeyRow(document)),
      value: encodeRow(target.valueSchema, target.valueSchemaId, { ...impactValueRow(document), ...technical }),
      text,
    };
  } catch (error) {
    const { code, message } = TablecastError.from(error);
    journal.note('LINEAGE_NOT_PUBLISHED', `${code}: ${message}`);
    return undefined;
  }
}

function noteLineage(lineage: LineageRecorder, document: LineageDocument, journal: RunContext['journal']): void {
  for (const { name, columns, tables, unresolved } of lineage.summaries(document)) {
    journal.note('LINEAGE', `${name}: ${columns} columns from ${tables} source tables, ${unresolved.length} unresolved`);
    for (const text of unresolved.slice(0, maximalNotes)) journal.note('UNRESOLVED', `lineage of ${name}: ${text}`);
    if (unresolved.length > maximalNotes) {
      journal.note('UNRESOLVED', `lineage of ${name}: ${unresolved.length - maximalNotes} more, see the lineage document`);
    }
  }
}
