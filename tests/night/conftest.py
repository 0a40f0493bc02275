"""Lets an assertion of the shared helpers say what differs, and shares a night that several modules begin with."""

import pytest

pytest.register_assert_rewrite("tests.night.nights")

from .nights import FIRST, Home, small_returns  # noqa: E402  (after its rewriting is asked for)


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home after a first night of small returns. Nobody writes in it: a module takes a copy (`Home.copied`)."""
    home = Home(tmp_path_factory.mktemp("first-night") / "home")
    small_returns(home.landing)
    home.good_night(FIRST)
    return home
