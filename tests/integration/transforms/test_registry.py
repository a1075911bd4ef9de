"""The registry as dbt loaded it, against the registry as Python reads it."""

from __future__ import annotations

from models.metrics.registry import registry


def test_seeds_equal_the_registry(built) -> None:
    contract = registry()
    metrics = built.rows(
        "select metric, version, name, unit, kind, time_basis, entity, additive_posts, additive_days, "
        "additive_accounts, documentation from registry.metrics"
    )
    assert {row[0]: row for row in metrics} == {
        m.id: (m.id, m.version, m.name, m.unit, m.kind, m.time_basis, m.entity, m.additive_posts, m.additive_days,
               m.additive_accounts, m.documentation)
        for m in contract.metrics.values()
    }  # fmt: skip
    fields = built.rows(
        "select metric, platform, field, valid_from, valid_to, engagement_part, source from registry.platform_fields"
    )
    assert sorted(map(str, fields)) == sorted(
        str((f.metric, f.platform, f.field, f.valid_from, f.valid_to, f.engagement_part, f.source))
        for f in contract.fields
    )
    assert None in {row[3] for row in fields}, "an empty date is missing, not a text"
    rates = built.rows("select rate, name, numerator, denominator, documentation from registry.rates")
    assert {row[0]: row for row in rates} == {
        r.id: (r.id, r.name, r.numerator, r.denominator, r.documentation) for r in contract.rates.values()
    }


def test_composite_components_equal_the_registry(built) -> None:
    contract = registry()
    rows = built.rows("select platform, composite, component, components from intermediate.int_composite_components")
    expected = {
        (platform, composite, component, len(contract.components(composite, platform)))
        for composite in contract.composites
        for platform in {field.platform for field in contract.fields}
        for component in contract.components(composite, platform)
    }
    assert set(rows) == expected
    assert len(rows) == len(expected)


def test_mart_metrics_lists_everything_the_registry_names(built) -> None:
    contract = registry()
    rows = dict(built.rows("select metric, kind from marts.mart_metrics where workspace_id = 'bakery'"))
    assert rows.keys() == {*contract.metrics, *contract.composites, *contract.rates}
    assert {metric for metric, kind in rows.items() if kind == "rate"} == set(contract.rates)


def test_comments_are_stored_with_tables_and_columns(built) -> None:
    silent = built.rows(
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and comment is null "
        "union all select table_name, null from duckdb_tables() where schema_name = 'marts' and comment is null"
    )
    assert silent == []
