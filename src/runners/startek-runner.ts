import { FullLoadRunner, type KafkaProducer } from '../lib';
import type { StarTekReader } from '../readers/startek-reader';
import { StarTekSchema } from '../readers/startek-schema';

/** The attributes of StarTek, published whole by every load: the service does not tell what changed. */
export class StarTekRunner extends FullLoadRunner<StarTekReader> {
  override async initialLoad(producer: KafkaProducer, reader: StarTekReader): Promise<void> {
    await reader.load('ATTRIBUTE', new StarTekSchema());
    await producer.replaceTable('ATTRIBUTE', reader.tableSchema);
  }
}
