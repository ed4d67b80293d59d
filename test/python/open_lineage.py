"""Builds an OpenLineage job event anew with the specification's own generated classes and prints it.

Usage: open_lineage.py <file>. The classes refuse properties that they do not have, miss those that must be there, and write their own schema URLs.
"""

import json
import sys

from openlineage.client.event_v2 import InputDataset, Job, JobEvent, OutputDataset
from openlineage.client.generated.column_lineage_dataset import ColumnLineageDatasetFacet, Fields, InputField, Transformation
from openlineage.client.generated.schema_dataset import SchemaDatasetFacet, SchemaDatasetFacetFields
from openlineage.client.serde import Serde


def input_field(described):
    return InputField(**{**described, "transformations": [Transformation(**one) for one in described["transformations"]]})


def own(facet):
    """The arguments of a facet: its schema URL is not one."""
    return {key: value for key, value in facet.items() if key != "_schemaURL" and key != "_producer"} | {"producer": facet["_producer"]}


def column_lineage(facet):
    arguments = own(facet)
    arguments["fields"] = {name: Fields(inputFields=[input_field(one) for one in field["inputFields"]]) for name, field in facet["fields"].items()}
    arguments["dataset"] = [input_field(one) for one in facet["dataset"]]
    return ColumnLineageDatasetFacet(**arguments)


def schema(facet):
    return SchemaDatasetFacet(**{**own(facet), "fields": [SchemaDatasetFacetFields(**one) for one in facet["fields"]]})


FACETS = {"columnLineage": column_lineage, "schema": schema}


def output(dataset):
    facets = {name: FACETS[name](facet) for name, facet in dataset["facets"].items()}
    return OutputDataset(**{**dataset, "facets": facets})


def without_nothing(value):
    """The classes fill in empty lists and objects."""
    if isinstance(value, dict):
        return {key: without_nothing(one) for key, one in value.items() if one not in ({}, [])}
    return [without_nothing(one) for one in value] if isinstance(value, list) else value


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        described = json.load(file)
    arguments = {key: value for key, value in described.items() if key != "schemaURL"}
    arguments["job"] = Job(**described["job"])
    arguments["inputs"] = [InputDataset(**one) for one in described["inputs"]]
    arguments["outputs"] = [output(one) for one in described["outputs"]]
    event = Serde.to_dict(JobEvent(**arguments))
    json.dump({"rebuilt": without_nothing(event), "given": without_nothing(described)}, sys.stdout)


main()
