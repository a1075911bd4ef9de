{{ config(materialized=grown(), incremental_strategy='anew', database=scratch()) }}

-- depends_on: {{ ref('int_batches_pending') }}
-- depends_on: {{ ref('stg_content') }}
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
{%- if earlier('int_batches_taken') or not execute %}
from {{ source('raw', 'content') }} as received
{{ of_pending('received') }}
{{ loaded_last('received', source('raw', 'content'), 'contents') }}
{%- else %}
from {{ ref('stg_content') }} as received
where false
{%- endif %}
