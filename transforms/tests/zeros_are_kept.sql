{{ config(meta={'dagster': {'ref': {'name': 'mart_post_metrics'}}}) }}

-- A zero that was observed is in the marts like any other value.
select readings.workspace_id, readings.post_id, readings.metric
from {{ ref('int_post_readings') }} as readings
left join {{ ref('mart_post_metrics') }} as shown
    on
        readings.workspace_id = shown.workspace_id
        and readings.platform = shown.platform
        and readings.account_id = shown.account_id
        and readings.post_id = shown.post_id
        and readings.metric = shown.metric
where readings.owner = 'own' and readings.state = 'observed' and readings.value = 0 and shown.value is null
