"""Answers what the data platform's own library, rtdi_kafkaavro, makes of names, tables and schemas.

Usage: schema_oracle.py <file>. The file holds a JSON object with any of these lists; the answer, on stdout, has one entry for each:
  names   texts                    -> {"encoded": ..., "decoded": ...}
  build   descriptions of tables   -> {"value": <Avro JSON>, "key": <Avro JSON>}, built with the library's classes
  read    Avro JSON texts          -> the Avro JSON text the library writes after reading it
  parse   Avro JSON texts          -> null, or why the Apache Avro library refuses the schema
  commit  anything                 -> {"value": ..., "key": ...} of the library's commit schemas
  impact  anything                 -> {"value": ..., "key": ...} of the library's lineage documents
"""

import json
import sys

import avro.schema
from kafkaavro import avro_datatypes, schemabuilder
from kafkaavro import impact_lineage
from kafkaavro.data_governance import DeletionPolicy, Duration, FKCondition, JoinCondition
from kafkaavro.name_encoding import decode_name, encode_name
from kafkaavro.table_constants import ColumnType, TableType


def data_type(description):
    """["AvroDecimal", 15, 2], ["ArraySchema", <type>], ["AvroUnion", [<type>, ...]], ["RecordSchema", name, namespace, doc, [<field>, ...]]"""
    name, *arguments = description
    if name == "RecordSchema":
        record = avro_datatypes.RecordSchema(arguments[0], arguments[1], arguments[2])
        for field in arguments[3]:
            record.add_field_object(make_field(field))
        return record
    if name in ("ArraySchema", "AvroMap"):
        return getattr(avro_datatypes, name)(data_type(arguments[0]))
    if name == "AvroUnion":
        return avro_datatypes.AvroUnion([data_type(item) for item in arguments[0]])
    return getattr(avro_datatypes, name)(*arguments)


def make_field(description):
    field = avro_datatypes.Field(
        description["name"],
        data_type(description["type"]),
        nullable=description["nullable"],
        doc=description.get("doc"),
        internal=description.get("internal", False),
        technical=description.get("technical", False),
        source_data_type=description.get("source_data_type"),
        default=description.get("default"),
        aliases=description.get("aliases"),
    )
    field.set_data_sensitivity(description.get("sensitivity"))
    semantics = description.get("semantics")
    if semantics is not None:
        rest = {key: value for key, value in semantics.items() if key != "type"}
        field.semantics = avro_datatypes.ColumnSemantic(ColumnType(semantics["type"]), **rest)
    return field


def foreign_key(description):
    key = FKCondition(description.get("fk_schema_fqn"), description.get("fk_name"))
    for condition in description["conditions"]:
        if "condition" in condition:
            key.add_condition(condition["left_field_name"], condition["right_field_name"], condition["condition"])
        else:
            key.conditions.append(JoinCondition(condition["left_field_name"], condition["right_field_name"]))
    return key


def build(table):
    schema = schemabuilder.ValueSchema(table["name"], table.get("namespace"))
    schema.doc = table.get("doc")
    for field in table["fields"]:
        schema.add_field_object(make_field(field))
    # The library keeps a set, whose order varies from run to run; it takes a list as well.
    schema.set_pks(table.get("pks"))
    for key in table.get("fks", []):
        schema.add_fk(foreign_key(key))
    schema.set_data_product_owner_email(table.get("data_product_owner_email"))
    if "retention_period" in table:
        schema.set_retention_period(Duration(**table["retention_period"]))
    if "deletion_policy" in table:
        schema.set_deletion_policy(DeletionPolicy(**table["deletion_policy"]))
    schema.set_data_classification(table.get("data_classification"))
    schema.data_regulations = table.get("data_regulations")
    schema.set_tickets_url(table.get("tickets_url"))
    schema.set_repo_url(table.get("repo_url"))
    schema.set_source_system_uri(table.get("source_system_uri"))
    schema.set_object_level_security(table.get("object_level_security"))
    if "row_level_security" in table:
        schema.set_row_level_security([schemabuilder.RLS(**rule) for rule in table["row_level_security"]])
    schema.set_partition_by(table.get("partition_by"))
    if "semantics" in table:
        schema.set_semantic(TableType(table["semantics"]))
    return {"value": schema.get_avro_json(), "key": schemabuilder.KeySchema(schema).get_avro_json()}


def refusal(text):
    try:
        avro.schema.parse(text)
    except Exception as error:  # whatever it is, it is the answer
        return f"{type(error).__name__}: {error}"
    return None


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        questions = json.load(file)
    json.dump(
        {
            "names": [{"encoded": encode_name(name), "decoded": decode_name(name)} for name in questions.get("names", [])],
            "build": [build(table) for table in questions.get("build", [])],
            "read": [schemabuilder.from_avro_json(text).get_avro_json() for text in questions.get("read", [])],
            "parse": [refusal(text) for text in questions.get("parse", [])],
            "commit": [
                {"value": schemabuilder.CommitSchema().get_avro_json(), "key": schemabuilder.CommitSchemaKey().get_avro_json()}
                for _ in questions.get("commit", [])
            ],
            "impact": [
                {
                    "value": impact_lineage.impact_lineage_value_schema.get_avro_json(),
                    "key": impact_lineage.impact_lineage_key_schema.get_avro_json(),
                }
                for _ in questions.get("impact", [])
            ],
        },
        sys.stdout,
    )


main()
