{{ config(materialized=grown(), incremental_strategy='anew') }}

-- depends_on: {{ ref('int_batches_pending') }}
select
    received.workspace_id,
    received.platform,
    received.account_id,
    received.owner,
    received.entity_type,
    received.entity_id,
    received.metric,
    received.period_start,
    received.period_end,
    received.value,
    received.state,
    received.observed_at,
    received.batch_id,
    received.source_line
from {{ ref('stg_metric_observation') }} as received
{%- if earlier('int_batches_taken') or not execute %}
{{ of_pending('received') }}
{%- else %}
where false
{%- endif %}
