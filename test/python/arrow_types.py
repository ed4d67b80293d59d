"""Avro types as Arrow types, to write what was read into Parquet without losing a digit."""

import json
import uuid

import pyarrow as pa

LOGICAL = {
    "date": pa.date32(),
    "time-millis": pa.time32("ms"),
    "time-micros": pa.time64("us"),
    "timestamp-millis": pa.timestamp("ms", tz="UTC"),
    "timestamp-micros": pa.timestamp("us", tz="UTC"),
    "local-timestamp-millis": pa.timestamp("ms"),
    "local-timestamp-micros": pa.timestamp("us"),
    "uuid": pa.string(),
}
PRIMITIVE = {
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "bytes": pa.binary(),
    "enum": pa.string(),
    "null": pa.null(),
}


def arrow_type(schema) -> pa.DataType:
    if isinstance(schema, str):
        return PRIMITIVE[schema]
    if isinstance(schema, list):
        branches = [branch for branch in schema if branch != "null"]
        # A union of several types has no column type: its values are written as JSON.
        return arrow_type(branches[0]) if len(branches) == 1 else pa.string()
    logical = schema.get("logicalType")
    if logical == "decimal":
        return pa.decimal128(schema["precision"], schema["scale"])
    if logical in LOGICAL:
        return LOGICAL[logical]
    kind = schema["type"]
    if kind == "fixed":
        return pa.binary(schema["size"])
    if kind == "array":
        return pa.list_(arrow_type(schema["items"]))
    if kind == "map":
        return pa.map_(pa.string(), arrow_type(schema["values"]))
    if kind == "record":
        return pa.struct([(f["__originalname"], arrow_type(f["type"])) for f in schema["fields"]])
    return arrow_type(kind)


def arrow_value(value, schema):
    """A value as pyarrow takes it for `arrow_type(schema)`."""
    if value is None:
        return None
    if isinstance(schema, dict) and schema.get("logicalType") == "uuid":
        return str(value if isinstance(value, uuid.UUID) else uuid.UUID(bytes=value))
    if isinstance(schema, list):
        branches = [branch for branch in schema if branch != "null"]
        return arrow_value(value, branches[0]) if len(branches) == 1 else json.dumps(value, default=str)
    if isinstance(schema, dict):
        if schema["type"] == "array":
            return [arrow_value(item, schema["items"]) for item in value]
        if schema["type"] == "map":
            return [(key, arrow_value(item, schema["values"])) for key, item in value.items()]
        if schema["type"] == "record":
            return {f["__originalname"]: arrow_value(value[f["name"]], f["type"]) for f in schema["fields"]}
    return value
