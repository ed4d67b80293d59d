"""The direct source columns of each column of SQL statements, by sqlglot: the independent judge of our lineage.

usage: column_lineage.py FOLDER DIALECT
FOLDER holds tables.json and a folder DIALECT with one statement in each .sql file.
Prints {"name": [["TABLE.COLUMN", ...] for each column] or "why there is no answer"}; names in upper case, tables without their schema.
"""

import json
import pathlib
import sys

import sqlglot
from sqlglot import exp
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify


def without_conditions(node):
    """What only chooses between values, or forms and orders the rows that a function sees, is no direct source."""
    if isinstance(node, exp.Case):
        node.set("this", None)
    if isinstance(node, exp.If):
        node.set("this", exp.true())
    if isinstance(node, exp.DecodeCase):
        _, *rest = node.expressions
        results = [part for index, part in enumerate(rest) if index % 2 == 1 or index == len(rest) - 1]
        node.set("expressions", [exp.null(), *results])
    if isinstance(node, exp.Nvl2):
        node.set("this", exp.true())
    if isinstance(node, exp.Nullif):
        node.set("expression", exp.null())
    if isinstance(node, exp.Window):
        for clause in ("partition_by", "order", "over", "first"):
            node.set(clause, None)
    if isinstance(node, exp.Filter):
        return node.this
    if isinstance(node, exp.WithinGroup) and isinstance(node.this, (exp.GroupConcat, exp.ArrayAgg)):
        return node.this
    if isinstance(node, exp.Order) and not isinstance(node.parent, (exp.Query, exp.WithinGroup)):
        return node.this
    if isinstance(node, (exp.ArgMax, exp.ArgMin)):
        node.set("expression", exp.null())
    if isinstance(node, exp.Exists):
        return exp.true()
    if isinstance(node, exp.Comprehension):
        node.set("condition", None)
    return node


def source_of(leaf):
    """TABLE.COLUMN of a node behind which there is nothing; none for constants."""
    if not isinstance(leaf.expression, exp.Table):
        return None
    table = leaf.expression.this
    name = table.sql_name() if isinstance(table, exp.Func) and not isinstance(table, exp.Anonymous) else leaf.expression.name or table.name
    return f"{name}.{exp.to_identifier(leaf.name.split('.')[-1]).name}".upper().replace('"', "")


def sources_of(sql, dialect, schema, views):
    tree = sqlglot.parse_one(sql, dialect=dialect)
    tree = qualify(tree, dialect=dialect, schema=schema, quote_identifiers=False, validate_qualify_columns=False)
    tree = tree.transform(without_conditions)
    # Two columns may have one name: ask by place.
    outputs = []
    query = tree
    while isinstance(query, (exp.SetOperation, exp.Subquery)):
        query = query.this
    for index, projection in enumerate(list(query.expressions)):
        if projection.is_star:
            raise ValueError("* could not be expanded")
        projection.replace(exp.alias_(projection.unalias(), f"OUTPUT_{index}"))
        outputs.append(f"OUTPUT_{index}")
    found = []
    for name in outputs:
        node = lineage(name, tree, schema=schema, sources=views, dialect=dialect, identify=False)
        leaves = {source_of(leaf) for leaf in node.walk() if not leaf.downstream}
        found.append(sorted(leaf for leaf in leaves if leaf))
    return found


def main(folder, dialect):
    folder = pathlib.Path(folder)
    known = json.loads((folder / "tables.json").read_text())
    schema = {}
    for table, columns in known["tables"].items():
        name = table.split(".")[-1]
        # DuckDB compares without regard to case: sqlglot writes everything in lower case.
        spelt = [column if dialect == "oracle" else column.lower() for column in columns]
        schema[name if dialect == "oracle" else name.lower()] = {column: "VARCHAR" for column in spelt}
    views = {name.split(".")[-1]: view["select"].replace("LIMSPRD.", "") for name, view in known["views"].items()} if dialect == "oracle" else None
    answers = {}
    for file in sorted((folder / dialect).glob("*.sql")):
        try:
            answers[file.stem] = sources_of(file.read_text().replace("LIMSPRD.", ""), dialect, schema, views)
        except Exception as error:  # what sqlglot does not understand is an answer, too
            answers[file.stem] = f"{type(error).__name__}: {str(error).splitlines()[0][:120]}"
    print(json.dumps(answers))


main(*sys.argv[1:])
