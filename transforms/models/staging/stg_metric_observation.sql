select
    workspace_id,
    platform,
    account_id,
    owner,
    entity_type,
    entity_id,
    metric,
    period_start,
    coalesce(period_end, observed_at) as period_end,
    value,
    state,
    observed_at,
    batch_id,
    source_line
from {{ source('raw', 'metric_observation') }}
where {{ known('observed_at') }}
