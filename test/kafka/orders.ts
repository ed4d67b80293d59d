import { AvroDecimal, AvroInt, AvroString, ValueSchema } from '../../src/lib/schema';
import type { Workspace } from '../../src/lib/duckdb/workspace';

/** A small table's schema: key ID. */
export function ordersSchema(name = 'ORDERS'): ValueSchema {
  return new ValueSchema(name, 'SHOP')
    .addField('ID', new AvroInt(), 'Number of the order', false)
    .addField('CUSTOMER', new AvroString())
    .addField('AMOUNT', new AvroDecimal(10, 2))
    .setPks(['ID']);
}

/** Fills a workspace table with orders 1 to `rows`. */
export async function fillOrders(workspace: Workspace, rows: number, table = 'ORDERS'): Promise<void> {
  await workspace.run(`CREATE OR REPLACE TABLE ${table} AS
    SELECT (i + 1)::INTEGER AS "ID", 'customer ' || i AS "CUSTOMER", (i / 4)::DECIMAL(10,2) AS "AMOUNT" FROM range(${rows}) t(i)`);
}
