"""The first night that tests of whole nights share."""

from tests.night.conftest import first_night

__all__ = ["first_night"]
