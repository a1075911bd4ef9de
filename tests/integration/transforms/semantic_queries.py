"""Runs MetricFlow queries over a built warehouse, in a process of its own because dbt keeps global state.

Reads from stdin a JSON list of [metrics, group-bys, filter]; writes to stdout a JSON list of rows, each row a list.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def main() -> None:
    configuration = CLIConfiguration()
    configuration.setup(configure_file_logging=False)
    answers = []
    for metrics, group_by, where in json.load(sys.stdin):
        request = MetricFlowQueryRequest.create(
            metric_names=metrics, group_by_names=group_by, where_constraints=[where] if where else None
        )
        table = configuration.mf.query(request).result_df
        names = [column.column_name for column in table.column_descriptions]
        order = [names.index(name) for name in (*group_by, *metrics)]
        answers.append([[plain(row[place]) for place in order] for row in table.rows])
    json.dump(answers, sys.stdout)


main()
