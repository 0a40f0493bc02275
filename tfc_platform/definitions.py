"""What `dagster dev`, `make ui` and any tool that takes a module loads. Everything is put together in `orchestrate.build`."""

import dagster as dg

from tfc_platform.collector import collect_rarely
from tfc_platform.orchestrate.build import build_definitions


@dg.definitions
def defs() -> dg.Definitions:
    collect_rarely()  # a run that Dagster starts costs what one from the command line does
    return build_definitions()
