import { TablecastError, subjectName, type KafkaProducerOptions, type Target } from '../../src/lib';
import { SchemaRegistry } from '../../src/lib/kafka/schema-registry';
import type { DescribeServices } from './describe-dataflow';

/**
 * What the registry that the producer's secret leads to says to the schemas of a table, as lines for a reviewer: it knows its own compatibility mode and all
 * earlier versions. Nothing is registered. No lines where there is no such secret.
 */
export async function registryVerdict(
  { topic, keySchema, valueSchema }: Target,
  { settings: kafka, subjects = 'TopicNameStrategy' }: KafkaProducerOptions,
  { settings, secrets }: DescribeServices,
): Promise<string[]> {
  try {
    const { registry: registrySettings } = await kafka.read(secrets);
    await using registry = new SchemaRegistry(registrySettings, kafka.tokens);
    const place = topic.replaceAll('{environment}', settings.ENVIRONMENT);
    const lines: string[] = [];
    for (const [part, schema] of [['key', keySchema] as const, ['value', valueSchema] as const]) {
      const subject = subjectName(subjects, place, schema.fullName, part);
      const reasons = await registry.refusals(subject, schema.toAvro());
      lines.push(`the registry ${reasons.length === 0 ? `allows it as ${subject}` : `refuses it as ${subject}: ${reasons.join('; ')}`}`);
    }
    return lines;
  } catch (caught) {
    const error = TablecastError.from(caught);
    return error.code === 'SECRET_MISSING' ? [] : [`the registry could not be asked: ${error.code}: ${error.message}`];
  }
}
