"""What `dagster dev`, `make ui` and any tool that takes a module loads. Everything is put together in `orchestrate.build`."""

import dagster as dg

from tfc_platform.orchestrate.build import build_definitions


@dg.definitions
def defs() -> dg.Definitions:
    return build_definitions()
