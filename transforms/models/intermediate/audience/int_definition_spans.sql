select
    metric,
    platform,
    row_number() over (partition by metric, platform order by break_day) as definition,
    break_day as first_day,
    lead(break_day) over (partition by metric, platform order by break_day) as end_day
from {{ ref('int_metric_breaks') }}
