select
    workspace_id,
    platform,
    account_id,
    owner,
    entity_type,
    entity_id,
    metric,
    period_start,
    period_end,
    value,
    state,
    observed_at,
    batch_id,
    source_line
from {{ ref('stg_metric_observation') }}
where entity_type <> 'post'
