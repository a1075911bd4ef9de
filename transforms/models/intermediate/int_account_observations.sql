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
from {{ ref('stg_account_reading') }}
group by
    workspace_id, platform, account_id, owner, entity_type, entity_id, metric, period_start, period_end, value, state,
    observed_at
