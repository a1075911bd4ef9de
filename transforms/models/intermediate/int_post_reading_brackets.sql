-- depends_on: {{ ref('stg_metric_observation') }}
-- depends_on: {{ ref('int_post_versions') }}
{{ config(
    materialized=grown(), incremental_strategy='brackets', unique_key=bracket_key(),
    incremental_predicates=["{{ published_since('held', first_new()) }}"]
) }}

{%- set received %}
        select
            received.workspace_id,
            received.platform,
            received.account_id,
            received.entity_id as post_id,
            received.metric,
            received.state,
            received.value,
            received.observed_at,
            received.period_end,
            received.batch_id,
            received.source_line
        from {{ ref('stg_metric_observation') }} as received
        where received.entity_type = 'post'
{%- endset %}

{%- if not grows() or not execute %}
with {{ bracketed(received) }}
{%- endif %}

select
    workspace_id,
    platform,
    account_id,
    post_id,
    metric,
    bracket,
    state,
    published_at,
    first_observed_at,
    first_value,
    last_observed_at,
    last_value,
    lowest_value,
    highest_value
{%- if grows() %}
from {{ ref('int_brackets_touched') }}
where is_new
{%- else %}
from bracketed
{{ in_order_of('published_at') }}
{%- endif %}
