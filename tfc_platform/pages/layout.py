"""The shell of a release's pages: head, style, skip link, navigation, footer.

Belongs here: what is the same on each page. Does not belong: contents. No script, and nothing from outside the release.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfc_platform.pages.components import day
from tfc_platform.pages.html import text
from tfc_platform.pages.page_figures import Release

__all__ = ["page", "site_file"]

YOUNG_PEOPLE = "young-people.html"

_STYLE = """
:root { color-scheme: light; --ink: #1d1d1d; --soft: #595959; --line: #b1b4b6; --link: #0b4a8f; --tint: #f3f5f7 }
* { box-sizing: border-box }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100% }
body { margin: 0; font: 1.0625rem/1.55 system-ui, "Segoe UI", Roboto, Arial, sans-serif; color: var(--ink);
  background: #fff;
  overflow-wrap: break-word }
header, main, footer, .pages > ul { max-width: 70rem; margin: 0 auto; padding: 0 1rem }
header { padding-top: 1.6rem } main { padding-bottom: 2rem }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem } h2 { font-size: 1.4rem; line-height: 1.25;
  margin: 0 0 .7rem }
h3 { font-size: 1.1rem; margin: 1.6rem 0 .4rem } p, li { max-width: 46rem } .lead { font-size: 1.15rem }
section { border-top: 1px solid var(--line); margin-top: 2.2rem; padding-top: 1.2rem }
section.short { border: 0; border-left: .35rem solid var(--link); background: var(--tint); padding: 1rem 1.2rem;
  margin-top: 1.4rem }
.pages { background: var(--tint); border-bottom: 1px solid var(--line) }
.pages > ul { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; padding-top: .55rem;
  padding-bottom: .55rem }
.pages [aria-current] { font-weight: 700; color: var(--ink); text-decoration: none }
ul.answers { padding-left: 1.1rem } ul.answers li { margin: .35rem 0 } .short a { white-space: nowrap }
a { color: var(--link) } a:focus-visible, summary:focus-visible, .wide:focus-visible { outline: 3px solid #1d1d1d;
  outline-offset: 2px; background: #ffec9e }
.skip { position: absolute; left: -99rem } .skip:focus { left: 1rem; top: .3rem; background: #fff;
  padding: .3rem .6rem }
figure { margin: 1.2rem 0 .6rem } figcaption { font-weight: 700; max-width: 46rem; margin-bottom: .5rem }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(21rem, 100%), 1fr)); gap: 1rem 1.4rem;
  align-items: start }
.panel { margin: 0 0 .3rem; font-size: .95rem } svg { max-width: 100%; height: auto; display: block }
.wide { overflow-x: auto; max-width: 100%; margin: .4rem 0 } table { border-collapse: collapse; font-size: .95rem;
  min-width: min(100%, 30rem) }
caption { text-align: left; padding: .3rem 0; color: var(--soft); max-width: 46rem }
th, td { text-align: left; vertical-align: top; padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line) }
thead th { vertical-align: bottom; border-bottom: 2px solid var(--ink) } tbody th { font-weight: normal;
  min-width: 8rem }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.period .code, td time { white-space: nowrap }
thead .number { white-space: normal }
.none { color: var(--soft); font-style: italic; white-space: nowrap } .code, .note { color: var(--soft);
  font-size: .9em }
.mark { font-size: .8em; border: 1px solid var(--soft); border-radius: .2rem; padding: 0 .25rem;
  text-decoration: none; white-space: nowrap }
details { margin: .6rem 0 } summary { cursor: pointer; color: var(--link); padding: .25rem 0 }
  code { font-size: .92em; overflow-wrap: anywhere }
blockquote { margin: .8rem 0; padding: .1rem 0 .1rem 1rem; border-left: .25rem solid #56b4e9; max-width: 46rem }
blockquote p { margin: .2rem 0 } blockquote footer { padding: 0; color: var(--soft); font-size: .92rem; border: 0;
  margin: 0 }
body > footer { border-top: 1px solid var(--line); margin-top: 2rem; padding-top: .8rem; padding-bottom: 1.5rem;
  color: var(--soft); font-size: .92rem }
.plain { font-size: 1.15rem } .plain p, .plain li { max-width: 40rem }
@media (max-width: 40rem) { .wide table { min-width: 34rem } }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto } }
@media print {
  @page { size: A4; margin: 14mm }
  body { font-size: 10pt } header, main, footer { max-width: none; padding-left: 0; padding-right: 0 } .pages,
  .skip { display: none }
  a { color: inherit; text-decoration: none } section { margin-top: 1rem } h2, h3, figcaption,
  summary { break-after: avoid }
  .drawn, tr, blockquote, li { break-inside: avoid } thead { display: table-header-group } .wide { overflow: visible }
  .charts { display: block } .drawn { display: inline-block; vertical-align: top; width: 48%; margin: 0 1% 3mm 0 }
  table { font-size: 8.5pt }
  details::details-content { content-visibility: visible; block-size: auto } summary { list-style: none;
  color: inherit }
  .none, td.number { white-space: normal } tbody th { min-width: 0 }
  th, td { padding: .2rem .35rem .2rem 0; overflow-wrap: anywhere } table { min-width: 0; max-width: 100% }
}
"""


def site_file(site: str) -> str:
    """The page of a site, from the release's folder. A site's code is a folder's name: letters, digits, underscores."""
    return f"sites/{site}.html"


def page(release: Release, here: str, title: str, lead: str, parts: Sequence[str]) -> str:
    """A whole page. `here` is its path in the release; `title`, `lead` and `parts` are HTML already."""
    up = "../" * here.count("/")
    places = [
        ("index.html", "All sites"),
        *((site_file(site), text(release.site_name(site))) for site in release.sites),
        (YOUNG_PEOPLE, "For young people"),
        ("audit.html", "How safe the figures are"),
    ]
    links = "".join(
        f'<li><a href="{up}{text(path)}"{" aria-current=" + chr(34) + "page" + chr(34) if path == here else ""}>{name}</a></li>'
        for path, name in places
    )
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to the contents</a>\n'
        f'<nav class="pages" aria-label="Pages of this release"><ul>{links}</ul></nav>\n'
        f"<header><h1>{title}</h1>{lead}</header>\n"
        '<main id="main" tabindex="-1">\n' + "\n".join(part for part in parts if part) + "\n</main>\n"
        f"<footer>Together for Childhood. Release <code>{text(release.manifest['id'])}</code>, for the night of "
        f"{day(release.as_of)}. It never changes; a later night with something new makes a later release.</footer>\n"
        "</body>\n</html>\n"
    )
