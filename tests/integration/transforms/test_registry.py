"""The registry as dbt loaded it, against the registry as Python reads it."""

from __future__ import annotations

from datetime import date

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
        "select metric, platform, field, valid_from, valid_to, engagement_part, breaks_series, read_by, source "
        "from registry.platform_fields"
    )
    assert sorted(map(str, fields)) == sorted(
        str(
            (f.metric, f.platform, f.field, f.valid_from, f.valid_to, f.engagement_part, f.breaks_series,
             " + ".join(f.read_by) or None, f.source)
        )
        for f in contract.fields
    )  # fmt: skip
    assert None in {row[3] for row in fields}, "an empty date is missing, not a text"
    rates = built.rows(
        "select rate, name, numerator, denominator, platform, part_of_whole, documentation from registry.rates"
    )
    assert {row[0]: row for row in rates} == {
        r.id: (r.id, r.name, r.numerator, r.denominator, r.platform, r.part_of_whole, r.documentation)
        for r in contract.rates.values()
    }
    assert set(built.rows("select platform, entity, field, reason from registry.fields_not_taken")) == {
        (f.platform, f.entity, f.field, f.reason) for f in contract.not_taken
    }
    assert set(built.rows("select measure, denominator, note from registry.denominators")) == {
        (measure, denominator, note)
        for measure, allowed in contract.denominators.items()
        for denominator, note in allowed.items()
    }


def test_composite_components_equal_the_registry(built) -> None:
    contract = registry()
    rows = built.rows(
        "select platform, composite, component, sign, components from intermediate.int_composite_components"
    )
    expected = {
        (platform, name, component, sign, len(parts))
        for name, composite in contract.composites.items()
        for platform in {field.platform for field in contract.fields}
        for parts in (contract.components(name, platform),)
        for component, sign in zip(composite.components, composite.signs, strict=True)
        if component in parts
    }
    assert set(rows) == expected
    assert len(rows) == len(expected)


def test_breaks_equal_the_registry(built) -> None:
    contract = registry()
    rows = built.rows("select metric, platform, break_day from intermediate.int_metric_breaks")
    expected = {
        (measure, platform, day)
        for measure in (*contract.metrics, *contract.composites, *contract.rates)
        for platform in {field.platform for field in contract.fields}
        for day in contract.breaks(measure, platform)
    }
    assert set(rows) == expected
    assert ("engagement_rate_by_reach", "facebook", date(2026, 6, 15)) in expected
    assert not any(metric == "shares" for metric, _, _ in expected), "a renamed field breaks nothing"


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
