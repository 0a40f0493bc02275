"""What is worked out once, so that no night has to: dbt's manifest, and the compiled forms of code.

Belongs here: the order, and what is imported to be compiled. Does not belong: how either is kept (`build.manifest`,
`generated_code`).
"""

from __future__ import annotations

import compileall
import importlib
import pkgutil

import tfc_platform
from tfc_platform import generated_code
from tfc_platform.build import manifest
from tfc_platform.check import gx
from tfc_platform.pipeline import DBT_PROJECT

__all__ = ["prepare"]

_SCRIPT = "_child"  # how the name of a module ends that is run by a process of its own, and does its work on import


def prepare(target: str) -> None:
    """Parse the dbt project where that has not been done, and compile our modules and what packages write on import.

    :raises ProjectError: when dbt cannot parse the project.
    """
    manifest.prepare(DBT_PROJECT, target)
    gx.frame_definition()
    for module in pkgutil.walk_packages(tfc_platform.__path__, "tfc_platform."):
        if not module.name.endswith(_SCRIPT):
            importlib.import_module(module.name)
    generated_code.keep()
    for place in tfc_platform.__path__:
        compileall.compile_dir(place, quiet=1)
