"""What `dagster dev`, `make ui` and any tool that takes a module loads. Everything is put together in `orchestrate.build`."""

import dagster as dg

from tfc_platform.collector import collect_rarely
from tfc_platform.generated_code import use_kept
from tfc_platform.orchestration.definitions import build_definitions


@dg.definitions
def defs() -> dg.Definitions:
    # A run that Dagster starts costs what one from the command line does.
    use_kept()
    collect_rarely()
    return build_definitions()
