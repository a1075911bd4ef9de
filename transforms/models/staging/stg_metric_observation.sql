with readings as (
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
)

-- the same reading received twice is one reading
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
    max(batch_id) as batch_id,
    max(source_line) as source_line
from readings
group by
    workspace_id, platform, account_id, owner, entity_type, entity_id, metric, period_start, period_end, value, state,
    observed_at
