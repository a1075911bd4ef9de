{{ config(meta={'dagster': {'ref': {'name': 'int_post_metrics'}}}) }}

-- Every value shown that came in with the batches of this build is one that they hold for that post, metric and instant.
with shown as (
    select metrics.workspace_id, metrics.platform, metrics.account_id, metrics.post_id, metrics.metric, metrics.value,
        metrics.observed_at, metrics.batch_id
    from {{ ref('int_post_metrics') }} as metrics
    where {{ pending('metrics') }}
),

received as (
    select readings.workspace_id, readings.platform, readings.account_id, readings.entity_id, readings.metric,
        readings.value, readings.observed_at, readings.batch_id
    from {{ ref('stg_metric_observation') }} as readings
    where {{ pending('readings') }}
)

select shown.workspace_id, shown.post_id, shown.metric, shown.value
from shown
left join received
    on
        shown.workspace_id = received.workspace_id
        and shown.platform = received.platform
        and shown.account_id = received.account_id
        and shown.post_id = received.entity_id
        and shown.metric = received.metric
        and shown.observed_at = received.observed_at
        and shown.batch_id = received.batch_id
        and shown.value is not distinct from received.value
where received.metric is null
