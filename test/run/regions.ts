import {
  AvroInt,
  AvroNVarchar,
  CombinedReader,
  dataFlow,
  type DataFlow,
  type Filter,
  FunctionRunner,
  KafkaProducer,
  KafkaSecretSettings,
  type RunContext,
  TablecastError,
  ValueSchema,
} from '../../src/lib';
import { Cities, CitiesReader, type CitiesOptions, servicesOf } from './cities';

/** Two sources: the cities of the north and those of the south. */
type Regions = CombinedReader<{ readonly north: CitiesReader; readonly south: CitiesReader }>;

const schema = new ValueSchema('CITIES', 'GEO')
  .addField('REGION', new AvroNVarchar(5), 'Where the city lies', false)
  .addField('NAME', new AvroNVarchar(100), 'Name of the city', false)
  .addField('PEOPLE', new AvroInt(), 'Inhabitants')
  .setPks(['REGION', 'NAME']);

/** Brings the cities of both sources into one table. */
class AllCitiesRunner extends FunctionRunner<Regions> {
  constructor(private readonly meanwhile: () => Promise<void>) {
    super(console);
  }

  override async initialLoad(producer: KafkaProducer, reader: Regions, run: RunContext): Promise<string> {
    await this.#load(reader, run);
    await producer.replaceTable('CITIES', schema);
    await this.meanwhile();
    return run.id;
  }

  override async deltaLoad(): Promise<void> {
    // Nothing tells what changed.
  }

  override async backfill(producer: KafkaProducer, reader: Regions, filter: Filter, run: RunContext): Promise<void> {
    const { REGION: region, ...others } = filter;
    const [column] = Object.keys(others);
    if (region === undefined || column !== undefined)
      throw new TablecastError('COLUMN_UNKNOWN', { table: 'CITIES', column: column ?? '', use: 'backfill' });
    await this.#load(reader, run);
    await run.workspace.run('delete from CITIES where REGION <> $1', [region]);
    await producer.replaceTable('CITIES', schema, { filter });
  }

  async #load({ sources }: Regions, { workspace }: RunContext): Promise<void> {
    await Promise.all([sources.north.load('NORTH'), sources.south.load('SOUTH')]);
    await workspace.run(
      "create table CITIES as select 'NORTH' as REGION, NAME, PEOPLE from NORTH union all select 'SOUTH', NAME, PEOPLE from SOUTH",
    );
  }
}

/** Brings the cities of the north alone into a table of their own. */
class NorthRunner extends FunctionRunner<Regions> {
  override async initialLoad(producer: KafkaProducer, { sources }: Regions, run: RunContext): Promise<string> {
    await sources.north.load('NORTH');
    await producer.replaceTable('NORTH', sources.north.tableSchema);
    return run.id;
  }

  override async deltaLoad(): Promise<void> {
    // Nothing tells what changed.
  }
}

export interface RegionsFlow {
  readonly flow: DataFlow<Regions, KafkaProducer>;
  readonly north: Cities;
  readonly south: Cities;
  /** What happens during a run of ALL, after its rows were produced and before the commit. */
  meanwhile: () => Promise<void>;
}

/** A flow with two dataflows, ALL and NORTH, over two sources; all its parts are real. */
export function regionsFlow(options: CitiesOptions): RegionsFlow {
  const north = new Cities();
  const south = new Cities();
  const flow = dataFlow(
    {
      name: 'REGIONS_Reader',
      route: 'CITIES/run',
      schedule: 'CITIES_SCHEDULE',
      reader: (): Regions => new CombinedReader({ north: new CitiesReader(north), south: new CitiesReader(south) }),
      producer: (logger) => new KafkaProducer({ sourceSystem: 'GEO', zone: 'RAW', settings: new KafkaSecretSettings() }, logger),
      dataflows: {
        ALL: () => new AllCitiesRunner(() => result.meanwhile()),
        NORTH: (logger) => new NorthRunner(logger),
      },
    },
    servicesOf(options),
  );
  const result: RegionsFlow = { flow, north, south, meanwhile: () => Promise.resolve() };
  return result;
}
