{{ config(materialized=grown(), incremental_strategy='append') }}

select
    readings.workspace_id,
    readings.platform,
    readings.account_id,
    readings.owner,
    readings.entity_type,
    readings.entity_id,
    readings.metric,
    readings.period_start,
    readings.period_end,
    readings.value,
    readings.state,
    readings.observed_at,
    readings.batch_id,
    readings.source_line
from {{ ref('stg_metric_observation') }} as readings
where
    readings.entity_type <> 'post'
    {%- if grows() %}
    and {{ pending('readings') }}
    {%- endif %}
