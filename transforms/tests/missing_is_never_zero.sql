{{ config(meta={'dagster': {'ref': {'name': 'int_post_metrics'}}}) }}

-- A value stands with state observed, and only there: in what was received and in what is shown.
-- No 0 may appear in a mart where the source said the value is missing.
select readings.workspace_id, readings.entity_id as post_id, readings.metric, readings.state, readings.value
from {{ ref('stg_metric_observation') }} as readings
{{ of_pending('readings') }}
where (readings.state = 'observed') <> (readings.value is not null)
union all
select shown.workspace_id, shown.post_id, shown.metric, shown.state, shown.value
from {{ ref('int_post_metrics') }} as shown
{{ of_touched('shown') }}
where (shown.state = 'observed') <> (shown.value is not null)
union all
select missing.workspace_id, missing.post_id, missing.metric, missing.state, measures.value
from {{ ref('int_post_measures') }} as measures
{{ of_touched('measures') }}
inner join {{ ref('int_post_metrics') }} as missing
    on
        measures.workspace_id = missing.workspace_id
        and measures.platform = missing.platform
        and measures.account_id = missing.account_id
        and measures.post_id = missing.post_id
        and measures.measure = missing.metric
where missing.state <> 'observed'
