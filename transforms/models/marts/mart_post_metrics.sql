select
    metrics.workspace_id,
    metrics.platform,
    metrics.account_id,
    metrics.post_id,
    metrics.metric,
    registry.unit,
    metrics.value,
    metrics.state,
    metrics.observed_at,
    metrics.first_observed_at
from {{ ref('int_post_metrics') }} as metrics
inner join {{ ref('int_metric_registry') }} as registry
    on metrics.metric = registry.metric
where metrics.owner = 'own'
