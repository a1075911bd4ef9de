-- depends_on: {{ source('raw', 'metric_observation') }}
{{ config(materialized=grown(), incremental_strategy='delete+insert', unique_key=['workspace_id', 'batch_id']) }}

with owned as (
    select content.workspace_id, content.batch_id, content.owner
    from {{ source('raw', 'content') }} as content
    {%- if grows() %}
    {{ of_pending('content') }}
    {%- endif %}
    union
    select readings.workspace_id, readings.batch_id, readings.owner
    from
        {%- if grows() %}
        {{ ref('int_readings_pending') }} as readings
        {%- else %}
        {{ source('raw', 'metric_observation') }} as readings
        {%- endif %}
)

-- 'own' sorts after 'competitor': a batch that holds anything of the brand's own counts as own
select workspace_id, batch_id, max(owner) as owner
from owned
group by workspace_id, batch_id
