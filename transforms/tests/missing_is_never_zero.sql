{{ config(meta={'dagster': {'ref': {'name': 'mart_post_metrics'}}}) }}

-- A value stands with state observed, and only there: in what was received and in what is shown.
-- No 0 may appear in a mart where the source said the value is missing.
select workspace_id, entity_id as post_id, metric, state, value
from {{ ref('stg_metric_observation') }}
where (state = 'observed') <> (value is not null)
union all
select workspace_id, post_id, metric, state, value
from {{ ref('mart_post_metrics') }}
where (state = 'observed') <> (value is not null)
union all
select missing.workspace_id, missing.post_id, missing.metric, missing.state, measures.value
from {{ ref('int_post_measures') }} as measures
inner join {{ ref('mart_post_metrics') }} as missing
    on
        measures.workspace_id = missing.workspace_id
        and measures.platform = missing.platform
        and measures.account_id = missing.account_id
        and measures.post_id = missing.post_id
        and measures.measure = missing.metric
where missing.state <> 'observed'
