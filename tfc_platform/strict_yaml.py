"""Strict reading of YAML: a key that is written twice, or that nobody knows, is an error that names the file and the key.

Messages repeat no value of a file. They name a file by its folder and name, since each site has files of the same name.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from tfc_platform.settings import PROJECT, ConfigurationError

__all__ = ["EXPECTATIONS", "StrictModel", "describe_fault", "file_label", "load_yaml", "parse_yaml", "read_model"]

EXPECTATIONS = PROJECT / "expectations"
Model = TypeVar("Model", bound=BaseModel)


class StrictModel(BaseModel):
    """A part of a file of settings: a key that it does not name is an error, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class _OneOfEachKey:
    """Refuses a key that is written twice: the last would silently win."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        # Looked at before merging (`<<`), whose keys may be overridden on purpose.
        seen: list[Any] = []
        for key_node, _ in node.value:
            if key_node.tag.endswith(":merge"):
                continue
            key = self.construct_object(key_node, deep=True)  # type: ignore[attr-defined]  # of PyYAML's loader
            if key in seen:
                problem = f"the key {key!r} is written twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            seen.append(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)  # type: ignore[misc]
        return mapping


# The loaders in C are ten times as fast; whether there is one depends on the build of PyYAML.
class _TypedLoader(_OneOfEachKey, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    pass


class _TextLoader(_OneOfEachKey, getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    pass


def file_label(path: Path) -> str:
    """What messages call a file: `contracts/sites.yaml`."""
    return f"{path.parent.name}/{path.name}"


def parse_yaml(content: str | bytes, label: str, *, as_text: bool = False) -> Any:
    """The value of a YAML document; with `as_text` every scalar is text, so that `no` is a word.

    :raises ConfigurationError: with `label` and the line, where it is no YAML, no UTF-8, or has a key twice.
    """
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        return yaml.load(text, Loader=_TextLoader if as_text else _TypedLoader)  # noqa: S506  # both are safe loaders
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}:" if mark is not None else ""
        problem = error.problem if isinstance(error, yaml.constructor.ConstructorError) else "this is not YAML"
        raise ConfigurationError(f"{label}:{where} {problem}.") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{label}: this is not text in UTF-8.") from None


def load_yaml(path: Path, *, as_text: bool = False) -> Any:
    """The value of a YAML file, as `parse_yaml` gives it.

    :raises ConfigurationError: where the file cannot be read, and as `parse_yaml` does.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise ConfigurationError(f"{file_label(path)}: the file cannot be read.") from None
    return parse_yaml(content, file_label(path), as_text=as_text)


def describe_fault(error: ValidationError, label: str) -> str:
    """The first fault by file and key. pydantic's own text would repeat the value."""
    first = error.errors(include_url=False, include_input=False)[0]
    key = ".".join(str(part) for part in first["loc"]) or "(the whole file)"
    return f"{label}: {key}: {first['msg'].removeprefix('Value error, ').rstrip('.')}."


def read_model(path: Path, model: type[Model]) -> Model:
    """Read a YAML file that is one `model`.

    :raises ConfigurationError: where it cannot be read, or holds a key or value that `model` does not know.
    """
    content = load_yaml(path)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError(describe_fault(error, file_label(path))) from None
