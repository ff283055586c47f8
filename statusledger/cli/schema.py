"""`statusledger schema`: the JSON Schema from which editors complete checks.yml."""

from __future__ import annotations

import argparse
import json

from statusledger.config.schema import json_schema


def run(arguments: argparse.Namespace) -> int:
    """Prints the schema."""
    del arguments
    print(json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False))
    return 0
