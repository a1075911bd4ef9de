"""The stores and the brand of the store's tests, for the tests of publishing."""

from __future__ import annotations

from tests.integration.store.conftest import (
    brand,
    make_brand,
    make_draft,
    migrated_postgres,
    migrated_sqlite,
    now,
    postgres_cluster,
    postgres_url,
    store,
    store_url,
)

__all__ = [
    "brand",
    "make_brand",
    "make_draft",
    "migrated_postgres",
    "migrated_sqlite",
    "now",
    "postgres_cluster",
    "postgres_url",
    "store",
    "store_url",
]
