import { AvroNVarchar, ValueSchema } from '../lib/index';

/** StarTek does not describe its data, so the schema is written by hand. */
export class StarTekSchema extends ValueSchema {
  constructor(name = 'ATTRIBUTE', namespace = 'STARTEK') {
    super(name, namespace);
    this.addField('Name', new AvroNVarchar(1024), 'The node name of the attribute', false)
      .addField('AttributeType', new AvroNVarchar(1024), 'Type according to StarTek', true)
      .addField('AttributeValue', new AvroNVarchar(1024), 'The measure as string or an error text')
      .setPks(['Name', 'AttributeType'])
      .setDoc('Attributes of the nodes, one per row')
      .setDataProductOwnerEmail('startek@example.com')
      .setRepoUrl('https://github.com/example/startek')
      .setSourceSystemUri('https://startek.example.com')
      .setTicketsUrl('https://tickets.example.com/startek')
      .setDataClassification('INTERNAL');
  }
}
