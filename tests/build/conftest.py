"""The dbt project, prepared once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tfc_platform.build import manifest

PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"


@pytest.fixture(scope="session")
def project_dir() -> Path:
    return PROJECT_DIR


@pytest.fixture(scope="session")
def project(project_dir: Path) -> dict[str, Any]:
    """The manifest as a dictionary."""
    return manifest.as_json(project_dir)
