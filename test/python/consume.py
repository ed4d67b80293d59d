"""A consumer of tables: reads a topic, applies the row types and writes what it then holds as Parquet.

  consume.py --bootstrap HOST:PORT --registry URL --topic TOPIC [--table NAME] [--at-least N] --out FILE.parquet

--table picks one table of a topic that carries several; --at-least waits for that many messages. Prints one JSON object about the messages: how many, change types, offsets by
partition, and the distinct values of the technical fields that all rows of a run share.
"""

import argparse
import json

import pyarrow as pa
import pyarrow.parquet as parquet
from arrow_types import arrow_type, arrow_value
from committed_messages import committed_messages
from table_image import TableImage

SHARED = ["__change_time", "__source_system", "__source_transaction"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--bootstrap", "--registry", "--topic", "--out"):
        parser.add_argument(name, required=True)
    parser.add_argument("--table")
    parser.add_argument("--at-least", type=int, default=0)
    args = parser.parse_args()

    image, schema, count = None, None, 0
    offsets: dict[int, list[int]] = {}
    shared: dict[str, set] = {name: set() for name in SHARED}
    for message, key, value, written_with in committed_messages(args.bootstrap, args.registry, args.topic, args.at_least):
        if args.table is not None and written_with["__originalname"] != args.table:
            continue
        if image is None:
            image = TableImage(written_with)
        schema = written_with
        image.apply(message.partition(), key, value)
        count += 1
        seen = offsets.setdefault(message.partition(), [message.offset(), message.offset()])
        seen[1] = message.offset()
        for name, values in shared.items():
            values.add(value[name])

    report = {"messages": count, "offsets": offsets, "shared": {name: sorted(values, key=str) for name, values in shared.items()}}
    if image is not None:
        rows = image.rows()
        fields = [f for f in schema["fields"] if not f["__internal"]]
        columns = {f["__originalname"]: pa.array([arrow_value(row[f["__originalname"]], f["type"]) for row in rows], arrow_type(f["type"])) for f in fields}
        parquet.write_table(pa.table(columns), args.out)
        report |= {"rows": len(rows), "changeTypes": image.change_types, "columns": list(columns)}
    print(json.dumps(report, default=str))


if __name__ == "__main__":
    main()
