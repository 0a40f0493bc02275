"""Which nodes of the dbt graph can come out otherwise, when some of the lake's tables hold other rows than before.

Belongs here: the graph of the manifest, and that one question. Does not belong: which tables have changed (`lake_views`),
or whether what stands in the warehouse can be built upon at all (`standing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Affected", "affected_by"]


@dataclass(frozen=True)
class Affected:
    """What has to be done again, by unique id: models to build, tests to run; and whose rows may differ, by `schema.name`.

    `models` leaves out views: they hold no rows, so that those that stand say what is in the lake tonight. What reads a
    view whose sources have changed is among the affected all the same, and the view is among `relations`.
    """

    models: frozenset[str]
    tests: frozenset[str]
    relations: frozenset[str]
    select: tuple[str, ...]  # the dbt selectors that, without views and without more tests, choose just these


def affected_by(manifest: Mapping[str, Any], changed: Iterable[str]) -> Affected:
    """The models and data tests that read one of the lake's tables `changed`, directly or through others.

    :param manifest: the dictionary of dbt's `manifest.json`.
    :raises ValueError: for a node that the manifest names as a parent and does not have: the graph has a hole.
    """
    nodes: Mapping[str, Any] = manifest["nodes"]
    sources: Mapping[str, Any] = manifest["sources"]
    wanted = set(changed)
    children: dict[str, list[str]] = {}
    for name, node in nodes.items():
        for parent in node.get("depends_on", {}).get("nodes", ()):
            if parent not in nodes and parent not in sources:
                raise ValueError(f"dbt's manifest has no node {parent}, which {name} depends on.")
            children.setdefault(parent, []).append(name)
    reached: set[str] = set()
    to_do = [name for name, source in sources.items() if source["name"] in wanted]
    while to_do:
        for child in children.get(to_do.pop(), ()):
            if child not in reached:
                reached.add(child)
                to_do.append(child)
    tests = frozenset(name for name in reached if nodes[name]["resource_type"] == "test")
    built = [name for name in reached if nodes[name]["resource_type"] not in ("test", "unit_test")]
    return Affected(
        models=frozenset(name for name in built if nodes[name].get("config", {}).get("materialized") != "view"),
        tests=tests,
        relations=frozenset(
            [f"{nodes[name]['schema']}.{nodes[name]['alias']}" for name in built]
            + [f"{source['schema']}.{source['name']}" for source in sources.values() if source["name"] in wanted]
        ),
        # A selector for each name would be plainer, and dbt would go through the whole graph for each.
        select=tuple(
            f"source:{source['source_name']}.{source['name']}+"
            for source in sorted(sources.values(), key=lambda source: str(source["name"]))
            if source["name"] in wanted
        ),
    )
