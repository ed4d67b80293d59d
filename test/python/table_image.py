"""What a consumer holds of a table: messages applied by the row types of the format, as a Lakehouse writer would."""

import json

OVERWRITING = {"I", "U", "A", "R"}  # INSERT, UPDATE, UPSERT, REPLACE
REMOVING = {"B", "D", "G", "X"}  # BEFORE (the key may change), DELETE, GDPR, EXTERMINATE


class TableImage:
    def __init__(self, schema: dict):
        # Avro name -> original name of the table's own columns
        self.columns = {f["name"]: f["__originalname"] for f in schema["fields"] if not f["__internal"]}
        self.partitions: dict[int, dict[str, dict]] = {}
        self.change_types: dict[str, int] = {}

    def apply(self, partition: int, key: dict, value: dict) -> None:
        rows = self.partitions.setdefault(partition, {})
        change = value["__change_type"]
        self.change_types[change] = self.change_types.get(change, 0) + 1
        identity = json.dumps(key, default=str, sort_keys=True)
        if change in OVERWRITING:
            rows[identity] = {original: value[name] for name, original in self.columns.items()}
        elif change in REMOVING:
            rows.pop(identity, None)
        elif change == "T":
            # Order, and so the reach of a truncate, is within a partition.
            conditions = value["__truncate"] or {}
            kept = {
                identity: row
                for identity, row in rows.items()
                if any(row[column] is None or str(row[column]) != text for column, text in conditions.items())
            }
            self.partitions[partition] = kept if conditions else {}
        elif change != "P":  # ARCHIVE: gone at the source, kept here
            raise ValueError(f"unknown __change_type {change!r}")

    def rows(self) -> list[dict]:
        return [row for rows in self.partitions.values() for row in rows.values()]
