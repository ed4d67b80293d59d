"""Prints the broker ids of a cluster as JSON: brokers.py <bootstrap>"""
import json
import sys

from confluent_kafka.admin import AdminClient

print(json.dumps(sorted(AdminClient({"bootstrap.servers": sys.argv[1]}).list_topics(timeout=30).brokers)))
