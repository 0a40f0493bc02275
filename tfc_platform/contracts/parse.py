"""Reading one file of a contracts' folder strictly: YAML without doubled keys, CSV without surprises.

Belongs here: from a path to checked models, and the sentence for each fault, by file and key. Does not belong: what the
models mean. pydantic's own report repeats the value; only its message is kept.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from tfc_platform.settings import ConfigurationError

__all__ = ["FILL_IN", "read_list", "read_one", "read_table"]

FILL_IN = "FILL_IN"  # what a drafted contract leaves to a person

Model = TypeVar("Model", bound=BaseModel)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader, which refuses a key that stands twice instead of forgetting the first."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        # Read before merging (`<<`), whose keys may be overridden on purpose.
        keys = [self.construct_object(key, deep=True) for key, _ in node.value if not key.tag.endswith(":merge")]
        twice = next((key for number, key in enumerate(keys) if key in keys[:number]), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"{twice} is written twice", node.start_mark)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _fault(path: Path, error: ValidationError) -> str:
    """The first fault, by file and key."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "(the whole file)"
    return f"{_name(path)}: {key}: {first['msg']}"


def _yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)  # noqa: S506 (a safe loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}:" if mark is not None else ""
        what = error.problem if isinstance(error, yaml.constructor.ConstructorError) else "this is not YAML"
        raise ConfigurationError(f"{_name(path)}:{where} {what}.") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{_name(path)}: this is not text in UTF-8.") from None


def _open_places(value: Any, key: str = "") -> Iterable[str]:
    """The keys at which a draft still waits for a person."""
    if isinstance(value, dict):
        for name, item in value.items():
            inner = f"{key}.{name}" if key else str(name)
            yield from [inner] if str(name).startswith(FILL_IN) else _open_places(item, inner)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _open_places(item, f"{key}.{number}")
    elif isinstance(value, str) and value.startswith(FILL_IN):
        yield key


def read_one(path: Path, model: type[Model]) -> Model:
    """A YAML file that is one model. A draft's blank anywhere in it is a fault: it would be taken for a name.

    :raises ConfigurationError: naming file and key.
    """
    content = _yaml(path)
    open_place = next(iter(_open_places(content)), None)
    if open_place is not None:
        raise ConfigurationError(f"{_name(path)}: {open_place}: {FILL_IN} is still there. Put in what belongs there.")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError(_fault(path, error)) from None


def read_list(paths: Iterable[Path], model: type[Model]) -> list[Model]:
    """The models of YAML files that are lists of them.

    :raises ConfigurationError: naming file, number in the list and key.
    """
    rows: list[Model] = []
    for path in paths:
        try:
            rows.extend(TypeAdapter(list[model]).validate_python(_yaml(path) or []))  # type: ignore[valid-type]
        except ValidationError as error:
            raise ConfigurationError(_fault(path, error)) from None
    return rows


def read_table(paths: Iterable[Path], model: type[Model]) -> list[Model]:
    """The rows of CSV files with a header row. An empty cell is no value.

    :raises ConfigurationError: naming file, column and line.
    """
    rows = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise ConfigurationError(f"{_name(path)}: this is not text in UTF-8.") from None
        lines = csv.DictReader(text.splitlines(keepends=True), restkey="(a further cell)")
        for row in lines:
            try:
                rows.append(model.model_validate({key: value or None for key, value in row.items()}))
            except ValidationError as error:
                raise ConfigurationError(f"{_fault(path, error)} (line {lines.line_num})") from None
    return rows
