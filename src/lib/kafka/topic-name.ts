import { TablecastError } from '../errors';

/**
 * Fills a topic template, e.g. `{environment}.{zone}.{sourceSystem}.{table}`. Characters that a topic name cannot have are written as in Avro names
 * (`REVENUE$` → `REVENUE_x0024`), so two tables never share a topic.
 * @throws TablecastError TOPIC_NAME_INVALID for an unknown placeholder or a name that is too long
 */
export function topicName(template: string, parts: Readonly<Record<string, string>>): string {
  const topic = template.replaceAll(/\{(\w*)\}/g, (placeholder, name: string) => {
    const part = parts[name];
    if (part === undefined) {
      const reason = `${placeholder} is not one of ${Object.keys(parts)
        .map((known) => `{${known}}`)
        .join(', ')}`;
      throw new TablecastError('TOPIC_NAME_INVALID', { template, topic: template, reason });
    }
    return legal(part);
  });
  const reason = problem(topic);
  if (reason !== undefined) throw new TablecastError('TOPIC_NAME_INVALID', { template, topic, reason });
  return topic;
}

function legal(part: string): string {
  return part
    .replaceAll(/_x(?=[0-9a-f]{4})/g, '_x005f_x0078')
    .replaceAll(/[^A-Za-z0-9._-]/g, (character) => `_x${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Kafka's own rule (org.apache.kafka.common.internals.Topic). */
function problem(topic: string): string | undefined {
  if (topic === '' || topic === '.' || topic === '..') return 'it is no name';
  if (topic.length > 249) return `it has ${topic.length} characters`;
  const illegal = /[^A-Za-z0-9._-]/.exec(topic)?.[0];
  return illegal === undefined ? undefined : `it contains "${illegal}"`;
}
