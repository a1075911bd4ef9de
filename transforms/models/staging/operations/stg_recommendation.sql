select
    workspace_id,
    recommendation_id,
    strategy_id,
    kind,
    platform,
    subject,
    weekday,
    hour,
    metric,
    unit,
    direction,
    baseline,
    target,
    confidence,
    abstained,
    made_at,
    window_start,
    due_on,
    fact_ids,
    statement
from {{ source('raw', 'op_recommendation') }}
where {{ known('made_at') }}
