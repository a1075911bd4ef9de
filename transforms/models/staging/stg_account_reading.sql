-- depends_on: {{ ref('stg_metric_observation') }}
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
from
    {%- if grows() %}
    {{ ref('int_readings_pending') }} as readings
    {%- else %}
    {{ ref('stg_metric_observation') }} as readings
    {%- endif %}
where readings.entity_type <> 'post'
