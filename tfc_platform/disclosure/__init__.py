"""Disclosure control: what the learning loop may read about persons, over all tables and all releases together.

The rooms' order: `policy` and `register` say as data what may be published and how; `calendar` when a snapshot locks; `snapshots`
and `ledger` keep what was frozen and what came later; `rules` decide a cell; `tables` make the published tables of locked
snapshots; `attack` and `audit/` try to break them. Nothing here reads the lake or knows of Dagster.
"""
