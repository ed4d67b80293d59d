"""Makes Delta Lake tables as other programs write them, in a folder: delta_tables.py <folder>"""

import datetime as dt
import json
import struct
import os
import sys
import time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake
from deltalake.schema import Field, PrimitiveType, Schema

folder = Path(sys.argv[1])


def day(number: int) -> dt.date:
    return dt.date(2024, 1, number)


def parts() -> None:
    """Partitions, one with a name that has to be escaped; version 2 deletes a row, version 3 changes one."""
    path = str(folder / "PARTS")
    rows = {"place": ["a", "a", "b"], "day": [day(1), day(2), day(1)], "x": [1.5, 2.5, None]}
    write_deltalake(path, pa.table(rows), partition_by=["place"], name="parts", description="in parts")
    write_deltalake(path, pa.table({"place": ["c d/é%"], "day": [day(1)], "x": [9.0]}), mode="append")
    DeltaTable(path).delete("place = 'a' and day = '2024-01-02'")
    DeltaTable(path).update(updates={"x": "100.0"}, predicate="place = 'b'")


def types() -> None:
    utc = dt.timezone.utc
    columns = {
        "i8": pa.array([-128, 127, None], pa.int8()),
        "i16": pa.array([-32768, 32767, None], pa.int16()),
        "i32": pa.array([-(2**31), 2**31 - 1, None], pa.int32()),
        "i64": pa.array([-(2**63), 2**63 - 1, None], pa.int64()),
        "f32": pa.array([0.1, float("inf"), None], pa.float32()),
        "f64": pa.array([0.1, float("nan"), None], pa.float64()),
        "small": pa.array([Decimal("-1.23"), Decimal("9999999.99"), None], pa.decimal128(9, 2)),
        "large": pa.array(
            [Decimal("-12345678901234567890123456.1234567890"), Decimal("9999999999999999999999999999.9999999999"), None],
            pa.decimal128(38, 10),
        ),
        "flag": pa.array([True, False, None]),
        "text": pa.array(["ü'😀", "", None]),
        "bytes": pa.array([b"\x00\xff", b"", None]),
        "day": pa.array([dt.date(1, 1, 1), dt.date(9999, 12, 31), None]),
        "instant": pa.array(
            [dt.datetime(2024, 1, 31, 10, 15, 30, 123456, utc), dt.datetime(1900, 1, 1, tzinfo=utc), None],
            pa.timestamp("us", "UTC"),
        ),
        "wall": pa.array([dt.datetime(2024, 1, 31, 10, 15, 30, 123456), dt.datetime(1, 1, 1), None], pa.timestamp("us")),
        "list": pa.array([[1, None, 3], [], None], pa.list_(pa.int32())),
        "struct": pa.array(
            [{"a": 1, "b c": ["x", None]}, {"a": None, "b c": None}, None],
            pa.struct([("a", pa.int32()), ("b c", pa.list_(pa.string()))]),
        ),
        "map": pa.array([[("k", Decimal("1.5"))], [], None], pa.map_(pa.string(), pa.decimal128(5, 1))),
    }
    write_deltalake(str(folder / "TYPES"), pa.table(columns))


def checkpoints() -> None:
    """15 versions, a checkpoint in between."""
    path = str(folder / "CHECKPOINTS")
    for number in range(15):
        write_deltalake(path, pa.table({"id": [number]}), mode="append", description="with checkpoints")
        if number == 9:
            DeltaTable(path).create_checkpoint()


def cleaned() -> None:
    """The log begins at version 5, where the checkpoint is."""
    path = str(folder / "CLEANED")
    for number in range(6):
        configuration = {"delta.logRetentionDuration": "interval 0 seconds"} if number == 0 else None
        write_deltalake(path, pa.table({"id": [number]}), mode="append", configuration=configuration)
    time.sleep(1.1)  # the log's files have to be older than no second
    table = DeltaTable(path)
    table.create_checkpoint()
    table.cleanup_metadata()
    write_deltalake(path, pa.table({"id": [6]}), mode="append")


def vacuumed() -> None:
    """The log has all versions, but the files of the older ones are gone."""
    path = str(folder / "VACUUMED")
    for number in range(3):
        write_deltalake(path, pa.table({"id": [number]}), mode="overwrite")
    DeltaTable(path).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)


def columns() -> None:
    """Comments, a column that must not be null, and a column more from version 2 on."""
    path = str(folder / "COLUMNS")
    schema = Schema(
        [
            Field("id", PrimitiveType("long"), nullable=False, metadata={"comment": "Number of the row"}),
            Field("name", PrimitiveType("string"), metadata={"__CHAR_VARCHAR_TYPE_STRING": "varchar(20)"}),
        ]
    )
    DeltaTable.create(path, schema, name="columns", description="A table that describes itself")
    arrow = pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("name", pa.string())])
    write_deltalake(path, pa.Table.from_pylist([{"id": 1, "name": "one"}], schema=arrow), mode="append")
    DeltaTable(path).alter.add_columns([Field("extra", PrimitiveType("boolean"))])
    more = arrow.append(pa.field("extra", pa.bool_()))
    write_deltalake(path, pa.Table.from_pylist([{"id": 2, "name": "two", "extra": True}], schema=more), mode="append")


def times() -> None:
    """Version n is committed on the n-th of January 2024, at noon."""
    path = folder / "TIMES"
    for number in range(6):
        write_deltalake(str(path), pa.table({"id": [number]}), mode="append")
        commit = path / "_delta_log" / f"{number:020}.json"
        lines = [json.loads(line) for line in commit.read_text().splitlines()]
        for line in lines:
            if "commitInfo" in line:
                line["commitInfo"]["timestamp"] = int(dt.datetime(2024, 1, number + 1, 12, tzinfo=dt.timezone.utc).timestamp()) * 1000
        commit.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def commit(path: Path, version: int, *actions: dict) -> None:
    """Writes a version that `deltalake` cannot write."""
    log = path / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    (log / f"{version:020}.json").write_text("".join(f"{json.dumps(action)}\n" for action in actions))


def z85(data: bytes) -> str:
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
    data += b"\0" * (-len(data) % 4)
    groups = [struct.unpack(">I", data[start : start + 4])[0] for start in range(0, len(data), 4)]
    return "".join(alphabet[group // 85**power % 85] for group in groups for power in (4, 3, 2, 1, 0))


def deletion_vector(rows: list[int]) -> dict:
    """Marks rows of a file as deleted, inline; see the section on deletion vectors of the Delta protocol, and the Roaring format."""
    bitmap = struct.pack("<IIHHI", 12346, 1, 0, len(rows) - 1, 16) + b"".join(struct.pack("<H", row) for row in rows)
    data = struct.pack("<iqi", 1681511377, 1, 0) + bitmap
    return {"storageType": "i", "pathOrInlineDv": z85(data), "sizeInBytes": len(data), "cardinality": len(rows)}


def deletion_vectors() -> None:
    """Version 1 deletes rows without writing the file anew."""
    path = folder / "VECTORS"
    write_deltalake(str(path), pa.table({"id": [1, 2, 3, 4, 5]}))
    actions = map(json.loads, (path / "_delta_log" / f"{0:020}.json").read_text().splitlines())
    add = next(action["add"] for action in actions if "add" in action)
    feature = {"readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}
    commit(
        path,
        1,
        {"commitInfo": {"timestamp": 1704110400000, "operation": "DELETE"}},
        {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, **feature}},
        {"remove": {"path": add["path"], "deletionTimestamp": 1704110400000, "dataChange": True}},
        {"add": {**add, "deletionVector": deletion_vector([1, 3])}},
    )


def by_hand(name: str, protocol: dict, fields: list[dict], configuration: dict, rows: pa.Table) -> None:
    path = folder / name
    path.mkdir()
    pq.write_table(rows, path / "data.parquet")
    commit(
        path,
        0,
        {"protocol": protocol},
        {
            "metaData": {
                "id": f"00000000-0000-0000-0000-{len(name):012}",
                "format": {"provider": "parquet", "options": {}},
                "schemaString": json.dumps({"type": "struct", "fields": fields}),
                "partitionColumns": [],
                "configuration": configuration,
            }
        },
        {"add": {"path": "data.parquet", "partitionValues": {}, "size": (path / "data.parquet").stat().st_size, "modificationTime": 0, "dataChange": True}},
    )


def column_mapping() -> None:
    """Columns have other names in the files, as in Fabric where a name has a space."""
    metadata = {"delta.columnMapping.id": 1, "delta.columnMapping.physicalName": "col-1", "comment": "Number of the item"}
    field = {"name": "item number", "type": "long", "nullable": True, "metadata": metadata}
    configuration = {"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "1"}
    rows = pa.table({"col-1": [7]})
    by_hand("MAPPED", {"minReaderVersion": 2, "minWriterVersion": 5}, [field], configuration, rows)


def future() -> None:
    """A feature that no reader knows."""
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["fromTheFuture"], "writerFeatures": ["fromTheFuture"]}
    field = {"name": "id", "type": "long", "nullable": True, "metadata": {}}
    by_hand("FUTURE", protocol, [field], {}, pa.table({"id": [1]}))


for make in (parts, types, checkpoints, cleaned, vacuumed, columns, times, deletion_vectors, column_mapping, future):
    make()

# Threads of the native libraries may still be ending, and then abort the interpreter's own shutdown, with everything written.
sys.stdout.flush()
os._exit(0)
