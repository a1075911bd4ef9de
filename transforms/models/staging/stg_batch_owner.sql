-- depends_on: {{ source('raw', 'content') }}
-- depends_on: {{ source('raw', 'metric_observation') }}
{{ config(materialized=grown(), incremental_strategy='pending') }}

with owned as (
    select content.workspace_id, content.batch_id, content.owner
    from
        {%- if grows() %}
        {{ ref('int_contents_pending') }} as content
        {%- else %}
        {{ source('raw', 'content') }} as content
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
