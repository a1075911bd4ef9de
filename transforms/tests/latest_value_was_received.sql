{{ config(meta={'dagster': {'ref': {'name': 'int_post_metrics'}}}) }}

-- Every latest value is one that was received for that post, metric and instant; the posts of this build are looked at.
with received as (
    select readings.workspace_id, readings.platform, readings.account_id, readings.entity_id, readings.metric,
        readings.value, readings.observed_at
    from {{ ref('stg_metric_observation') }} as readings
    {{ of_touched('readings', post='entity_id') }}
    where readings.entity_type = 'post'
)

select shown.workspace_id, shown.post_id, shown.metric, shown.value
from {{ ref('int_post_metrics') }} as shown
{{ of_touched('shown') }}
left join received
    on
        shown.workspace_id = received.workspace_id
        and shown.platform = received.platform
        and shown.account_id = received.account_id
        and shown.post_id = received.entity_id
        and shown.metric = received.metric
        and shown.observed_at = received.observed_at
        and shown.value is not distinct from received.value
where received.metric is null
