{{ config(meta={'dagster': {'ref': {'name': 'int_post_metrics'}}}) }}

-- A zero that was observed is in the marts like any other value.
select readings.workspace_id, readings.entity_id as post_id, readings.metric
from {{ ref('stg_metric_observation') }} as readings
{{ of_pending('readings') }}
inner join {{ ref('int_post_versions') }} as posts
    on
        readings.workspace_id = posts.workspace_id
        and readings.platform = posts.platform
        and readings.account_id = posts.account_id
        and readings.entity_id = posts.post_id
left join {{ ref('int_post_metrics') }} as shown
    on
        readings.workspace_id = shown.workspace_id
        and readings.platform = shown.platform
        and readings.account_id = shown.account_id
        and readings.entity_id = shown.post_id
        and readings.metric = shown.metric
where
    readings.entity_type = 'post'
    and readings.state = 'observed'
    and readings.value = 0
    and shown.value is null
