"""A package is imported without what is put off, left out, or taken for not installed; afterwards nothing of that is left."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tfc_platform.lean_import import lean_import


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package `lean_try` of a few modules, each of which writes its name down when it is run."""
    modules = {
        "__init__": "",
        "dear": "def cost():\n    return 7\n",
        "clouds/__init__": "class Client:\n    pass\n",
        "clouds/rain": "def fall():\n    return 3\n",
        "parser/__init__": "from lean_try.parser import real\n",
        "parser/real": "class Loader:\n    kind = 'real'\n    def __init__(self, text):\n        self.text = text\n",
        "uses": (
            "import lean_try.dear as dear\nfrom lean_try.clouds import Client, connect\nfrom lean_try.clouds.rain import fall\n"
            "from lean_try.parser.real import Loader\n"
            "try:\n    import sqlite3.dbapi2\n    has = True\nexcept ImportError:\n    has = False\n"
        ),
    }
    for name, code in modules.items():
        file = tmp_path / "lean_try" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"import lean_ran\nlean_ran.names.append(__name__)\n{code}", encoding="utf-8")
    (tmp_path / "lean_ran.py").write_text("names = []\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "lean_try"
    for name in [name for name in sys.modules if name.split(".")[0] in ("lean_try", "lean_ran")]:
        del sys.modules[name]


def ran(package: str) -> list[str]:
    """The modules of the package that were run, in order."""
    return [name for name in importlib.import_module("lean_ran").names if name.split(".")[0] == package]


def _imported(package: str) -> Any:
    with lean_import(
        put_off=(f"{package}.dear",),
        left_out=lambda name: name.startswith(f"{package}.clouds"),
        on_use=(f"{package}.parser",),
        missing=("sqlite3",),
    ):
        return importlib.import_module(f"{package}.uses")


def test_what_is_left_out_has_empty_classes_and_functions_that_find_nothing(package: str) -> None:
    uses = _imported(package)
    assert ran(package) == ["lean_try", "lean_try.uses"]
    assert isinstance(uses.Client, type)
    assert uses.connect("x", y=1) == uses.fall() == {}


def test_what_is_put_off_loads_when_it_is_touched(package: str) -> None:
    uses = _imported(package)
    assert "lean_try.dear" not in ran(package)
    assert uses.dear.cost() == 7
    assert ran(package)[-1] == "lean_try.dear"


def test_what_waits_for_its_use_is_imported_with_its_package_when_something_of_it_is_used(package: str) -> None:
    uses = _imported(package)
    assert uses.Loader("a text").text == "a text"
    assert ran(package)[-2:] == ["lean_try.parser", "lean_try.parser.real"]
    again = importlib.import_module("lean_try.parser.real")
    assert isinstance(uses.Loader("b"), again.Loader)
    assert uses.Loader.kind == "real"


def test_who_imports_afterwards_what_waits_for_its_use_gets_it_as_it_is(package: str) -> None:
    uses = _imported(package)
    assert f"{package}.parser" not in sys.modules
    real = importlib.import_module(f"{package}.parser.real")
    assert real.Loader is importlib.import_module(f"{package}.parser").real.Loader
    assert isinstance(uses.Loader("a text"), real.Loader)


def test_what_waits_for_its_use_can_be_used_while_others_are_imported(package: str, tmp_path: Path) -> None:
    early = tmp_path / "lean_try" / "early.py"
    early.write_text("from lean_try.parser.real import Loader\nloaded = Loader('early').text\n", encoding="utf-8")
    with lean_import(on_use=(f"{package}.parser", f"{package}.clouds")):
        assert importlib.import_module(f"{package}.early").loaded == "early"
        clouds = importlib.import_module(f"{package}.clouds.rain")
    assert ran(package) == ["lean_try", "lean_try.parser", "lean_try.parser.real"]
    assert clouds.fall() == 3


def test_what_is_missing_is_there_again_afterwards(package: str) -> None:
    import sqlite3.dbapi2 as before

    uses = _imported(package)
    assert not uses.has
    assert sys.modules["sqlite3.dbapi2"] is before
    assert importlib.import_module("sqlite3").connect is before.connect


def test_what_was_never_imported_can_be_imported_afterwards(package: str) -> None:
    with lean_import(missing=(f"{package}.dear",)), pytest.raises(ImportError):
        importlib.import_module(f"{package}.dear")
    assert importlib.import_module(f"{package}.dear").cost() == 7


def test_the_finder_goes_also_where_the_import_fails(package: str) -> None:
    before = list(sys.meta_path)
    with pytest.raises(ModuleNotFoundError, match="nowhere"), lean_import(missing=("sqlite3",)):
        importlib.import_module(f"{package}.nowhere")
    assert sys.meta_path == before
    assert sys.modules.get("sqlite3", "absent") is not None
