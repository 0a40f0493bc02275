"""Read the files of a folder of contracts: YAML that is one model or a list of them, and CSV with a header row."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from tfc_platform.settings import ConfigurationError
from tfc_platform.strict_yaml import describe_fault, file_label, load_yaml

__all__ = ["FILL_IN", "read_list", "read_one", "read_table"]

FILL_IN = "FILL_IN"  # what a drafted contract leaves to a person

Model = TypeVar("Model", bound=BaseModel)


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


def read_one(path: Path, model: type[Model], context: dict[str, Any] | None = None) -> Model:
    """A YAML file that is one model. A draft's blank anywhere in it is a fault: it would be taken for a name.

    :param context: what the model's validators look names up in.
    :raises ConfigurationError: naming file and key.
    """
    content = load_yaml(path)
    open_place = next(iter(_open_places(content)), None)
    if open_place is not None:
        raise ConfigurationError(
            f"{file_label(path)}: {open_place}: {FILL_IN} is still there. Put in what belongs there."
        )
    try:
        return model.model_validate(content, context=context)
    except ValidationError as error:
        raise ConfigurationError(describe_fault(error, file_label(path))) from None


def read_list(paths: Iterable[Path], model: type[Model]) -> list[Model]:
    """The models of YAML files that are lists of them.

    :raises ConfigurationError: naming file, number in the list and key.
    """
    rows: list[Model] = []
    for path in paths:
        try:
            rows.extend(TypeAdapter(list[model]).validate_python(load_yaml(path) or []))  # type: ignore[valid-type]
        except ValidationError as error:
            raise ConfigurationError(describe_fault(error, file_label(path))) from None
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
            raise ConfigurationError(f"{file_label(path)}: this is not text in UTF-8.") from None
        lines = csv.DictReader(text.splitlines(keepends=True), restkey="(a further cell)")
        for row in lines:
            try:
                rows.append(model.model_validate({key: value or None for key, value in row.items()}))
            except ValidationError as error:
                raise ConfigurationError(f"{describe_fault(error, file_label(path))} (line {lines.line_num})") from None
    return rows
