"""Words that the house does not use are in no document, model or module. What pages say is looked at in tests/release."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READ = ("README.md", "CHANGELOG.md", "docs", "expectations", "tfc_platform", "dbt_project/models", "dbt_project/macros")
TEXTS = {".md", ".py", ".sql", ".yml", ".yaml", ".html"}
# Names of before, and the list of words that people write themselves.
LEFT_OUT = {"docs/old-names.md", "tfc_platform/ingest/safeguarding_rules.yaml"}
UNWANTED = re.compile(
    r"\b(mended|nought|newest|thereof|wherein)\b|Belongs here|goes on counting|what came of", re.IGNORECASE
)


def test_documents_and_code_use_plain_words() -> None:
    listed = subprocess.run(["git", "ls-files", *READ], cwd=ROOT, check=True, capture_output=True, text=True)
    files = [name for name in listed.stdout.splitlines() if Path(name).suffix in TEXTS and name not in LEFT_OUT]
    assert len(files) > 400
    found = [
        f"{name}:{number}: {word[0]}"
        for name in files
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), start=1)
        if (word := UNWANTED.search(line))
    ]
    assert found == []
