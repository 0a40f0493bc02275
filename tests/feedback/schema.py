"""Writes `docs/receipt.schema.json` from the shape of a receipt: `python -m tests.feedback.schema`."""

from __future__ import annotations

import json
from pathlib import Path

from tfc_platform.feedback.receipts.schema import SiteReceipt

if __name__ == "__main__":
    schema = SiteReceipt.model_json_schema(by_alias=True, mode="serialization")
    target = Path(__file__).resolve().parents[2] / "docs" / "receipt.schema.json"
    target.write_text(json.dumps(schema, indent=1, ensure_ascii=False) + "\n")
