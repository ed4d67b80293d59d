/**
 * Under which subject a schema is registered: by topic (the default, one table per topic), by record, or by both (several tables in one topic).
 * The names and rules are those of Confluent's serializers.
 */
export type SubjectNameStrategy = 'TopicNameStrategy' | 'RecordNameStrategy' | 'TopicRecordNameStrategy';

/**
 * The subject of a topic's key or value schema.
 *
 * @param fullName the schema's `fullName`
 * @example
 * subjectName('TopicNameStrategy', 'SAMPLE_PLAN', 'LABWARE.SAMPLE_PLAN', 'value');       // 'SAMPLE_PLAN-value'
 * subjectName('RecordNameStrategy', 'LABWARE', 'LABWARE.SAMPLE_PLAN', 'value');          // 'LABWARE.SAMPLE_PLAN'
 * subjectName('TopicRecordNameStrategy', 'LABWARE', 'LABWARE.SAMPLE_PLAN_key', 'key');   // 'LABWARE-LABWARE.SAMPLE_PLAN_key'
 */
export function subjectName(strategy: SubjectNameStrategy, topic: string, fullName: string, part: 'key' | 'value'): string {
  switch (strategy) {
    case 'TopicNameStrategy':
      return `${topic}-${part}`;
    case 'RecordNameStrategy':
      return fullName;
    case 'TopicRecordNameStrategy':
      return `${topic}-${fullName}`;
  }
}
