"""Reads lineage documents from a topic with the data platform's own schema (kafkaavro.impact_lineage), and prints them as its classes show them.

  impact_lineage.py --bootstrap HOST:PORT --registry URL --topic TOPIC [--at-least N]
"""

import argparse
import io
import json

import fastavro
from committed_messages import committed_messages
from kafkaavro.impact_lineage import ImpactLineage, impact_lineage_value_schema


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--bootstrap", "--registry", "--topic"):
        parser.add_argument(name, required=True)
    parser.add_argument("--at-least", type=int, default=0)
    args = parser.parse_args()

    own = fastavro.parse_schema(json.loads(impact_lineage_value_schema.get_avro_json()))
    documents = []
    for _, key, value, written_with in committed_messages(args.bootstrap, args.registry, args.topic, args.at_least):
        # Written with the schema of the message, read with the library's: Avro's own schema resolution.
        written = fastavro.parse_schema(written_with)
        body = io.BytesIO()
        fastavro.schemaless_writer(body, written, value)
        record = fastavro.schemaless_reader(io.BytesIO(body.getvalue()), written, own)
        fields = {name: record[name] for name in ImpactLineage.model_fields}
        documents.append({"key": key, "document": ImpactLineage.model_validate(fields).model_dump(), "changeType": record["__change_type"]})
    print(json.dumps(documents))


main()
