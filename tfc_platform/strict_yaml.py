"""Strict reading of the policies in `expectations/`: an unknown key is an error that names the file and the key.

Belongs here: YAML, and saying where it is wrong. Does not belong: what a policy means (`register`).
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from tfc_platform.settings import PROJECT, ConfigurationError

__all__ = ["EXPECTATIONS", "StrictModel", "read_policy"]

EXPECTATIONS = PROJECT / "expectations"
Policy = TypeVar("Policy", bound=BaseModel)


class StrictModel(BaseModel):
    """A part of a file of settings: a key that it does not name is an error, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the class depends on the build of PyYAML
    """YAML in which a key that stands twice is an error: silently taking the last would hide half of a policy."""


def _mapping(loader: Any, node: Any) -> dict[Hashable, Any]:
    loader.flatten_mapping(node)
    found: dict[Hashable, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_policy(path: Path, model: type[Policy]) -> Policy:
    """Read one policy file.

    :raises ConfigurationError: where it is missing, is no YAML, or holds a key or value that `model` does not know.
    """
    try:
        # Not yaml.safe_load: the loader is that one's class, with the refusal of double keys added.
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except OSError:
        raise ConfigurationError(f"{path.name}: the file cannot be read.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}:" if mark is not None else ""
        raise ConfigurationError(f"{path.name}:{where} {getattr(error, 'problem', None) or 'is no YAML'}.") from None
    try:
        return model.model_validate(content)
    except ValidationError as error:
        # pydantic's own text would repeat the value; its message and the place are enough.
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "(the whole file)"
        raise ConfigurationError(f"{path.name}: {key}: {first['msg'].removeprefix('Value error, ')}.") from None
