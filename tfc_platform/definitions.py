"""The definitions that `dagster dev`, `dg` and the workspace load."""

import dagster as dg

from tfc_platform.orchestration.definitions import build_definitions


@dg.definitions
def defs() -> dg.Definitions:
    """Everything that Dagster is to know.

    :raises ConfigurationError: where a setting, contract, suite, policy, register or exception is wrong.
    """
    return build_definitions()
