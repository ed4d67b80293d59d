"""Reads every committed message of a topic, decoded by fastavro with the schemas that the messages name."""

import io
import json
import struct

import fastavro
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient


class Decoder:
    """Confluent's framing: a zero byte, the schema id (big-endian), the Avro body."""

    def __init__(self, registry: str):
        self.registry = SchemaRegistryClient({"url": registry})
        self.schemas: dict[int, tuple[dict, dict]] = {}

    def schema(self, schema_id: int) -> tuple[dict, dict]:
        if schema_id not in self.schemas:
            schema = json.loads(self.registry.get_schema(schema_id).schema_str)
            self.schemas[schema_id] = (schema, fastavro.parse_schema(schema))
        return self.schemas[schema_id]

    def decode(self, message: bytes | None) -> tuple[dict | None, dict | None]:
        """The record, and the schema it was written with."""
        if message is None:
            return None, None
        magic, schema_id = struct.unpack(">bI", message[:5])
        if magic != 0:
            raise ValueError(f"framing starts with {magic}")
        schema, parsed = self.schema(schema_id)
        body = io.BytesIO(message[5:])
        record = fastavro.schemaless_reader(body, parsed, None)
        if body.read():
            raise ValueError("bytes are left over after the record")
        return record, schema


def committed_messages(bootstrap: str, registry: str, topic: str, at_least: int = 0):
    """
    Yields (message, key, value, value schema) from the beginning to the present end of the topic. A commit is confirmed a moment before every
    partition shows it: `at_least` is the number of messages to wait for.
    """
    decoder = Decoder(registry)
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "tablecast-python",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }
    )
    try:
        found = consumer.list_topics(topic, timeout=30).topics[topic]
        if found.error is not None:
            raise KafkaException(found.error)
        unfinished = set(found.partitions)
        consumer.assign([TopicPartition(topic, partition, 0) for partition in unfinished])
        count = 0
        while unfinished or count < at_least:
            for message in consumer.consume(1000, timeout=0.2):
                error = message.error()
                if error is None:
                    key, _ = decoder.decode(message.key())
                    value, schema = decoder.decode(message.value())
                    count += 1
                    yield message, key, value, schema
                elif error.code() == KafkaError._PARTITION_EOF:
                    unfinished.discard(message.partition())
                else:
                    raise KafkaException(error)
    finally:
        consumer.close()
