{{ config(materialized=grown(), incremental_strategy='anew', database=scratch()) }}

-- depends_on: {{ ref('int_batches_pending') }}
-- depends_on: {{ ref('stg_metric_observation') }}
select
    received.workspace_id,
    received.platform,
    received.account_id,
    received.owner,
    received.entity_type,
    received.entity_id,
    received.metric,
    received.period_start,
    coalesce(received.period_end, received.observed_at) as period_end,
    received.value,
    received.state,
    received.observed_at,
    received.batch_id,
    received.source_line
{%- if earlier('int_batches_taken') or not execute %}
from {{ source('raw', 'metric_observation') }} as received
{{ of_pending('received') }}
{{ loaded_last('received', source('raw', 'metric_observation'), 'observations') }}
{%- else %}
from {{ ref('stg_metric_observation') }} as received
where false
{%- endif %}
