{{ config(materialized=grown(), incremental_strategy='anew') }}

-- depends_on: {{ ref('int_batches_pending') }}
select
    received.workspace_id,
    received.batch_id,
    received.platform,
    received.account_id,
    received.account_name,
    received.owner,
    received.entity_type,
    received.entity_id,
    received.content_type,
    received.title,
    received.body,
    received.url,
    received.published_at,
    received.observed_at,
    received.source_line
from {{ ref('stg_content') }} as received
{%- if earlier('int_batches_taken') or not execute %}
{{ of_pending('received') }}
{%- else %}
where false
{%- endif %}
