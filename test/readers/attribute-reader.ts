import { AvroNVarchar, ValueSchema } from '../../src/lib';
import { RestReader } from '../../src/readers/rest-reader';

/** What the embedded service holds. */
export function attributeSchema(): ValueSchema {
  return new ValueSchema('ATTRIBUTE', 'TEST')
    .addField('Name', new AvroNVarchar(1024), undefined, false)
    .addField('AttributeType', new AvroNVarchar(1024))
    .addField('AttributeValue', new AvroNVarchar(1024))
    .setPks(['Name', 'AttributeType']);
}

/** Reads the embedded service by numbered pages. */
export class AttributeReader extends RestReader {
  override load(table: string): Promise<number> {
    return this.loadRecords(table, {
      path: 'startek/attributes/page',
      paging: { type: 'page', size: ['size', 1000] },
      records: 'data.items',
      total: 'meta.total',
      schema: attributeSchema(),
    });
  }
}
