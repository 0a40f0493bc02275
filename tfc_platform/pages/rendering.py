"""Pages from Jinja templates, with one layout for releases, reports and data checks. Everything is escaped by default."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tfc_platform.pages.formatting import date_words

__all__ = ["render"]

LAYOUT_PACKAGE = "tfc_platform.pages"


def render(package: str, template: str, **context: Any) -> str:
    """The page that a template in `<package>/templates` makes; it may extend and import the templates of the pages.

    Equal arguments give equal text.

    :raises jinja2.TemplateError: where the template is not there, or names what the context lacks.
    """
    return _environment(package).get_template(template).render(context)


@cache
def _environment(package: str) -> Environment:
    packages = dict.fromkeys((package, LAYOUT_PACKAGE))
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["thousands"] = lambda value: f"{value:,}"
    environment.filters["day"] = _day
    environment.filters["in_single_quotes"] = _in_single_quotes
    return environment


def _day(value: date) -> str:
    return date_words(value)


def _in_single_quotes(value: Any) -> Markup:
    """Text for an attribute in single quotes: its double quotes may stay, which keeps a key in JSON short and legible."""
    return Markup(str(escape(value)).replace("&#34;", '"'))  # noqa: S704 - escaped on this line
