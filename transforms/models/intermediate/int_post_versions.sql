-- depends_on: {{ ref('stg_content') }}
{{ config(materialized=grown(), incremental_strategy='delete+insert', unique_key=post_key()) }}

{%- set described = [
    'account_name', 'owner', 'content_type', 'title', 'body', 'url', 'published_at', 'observed_at', 'batch_id', 'source_line',
] %}
{#- What is taken in: new descriptions, and those held of the same posts. -#}
{%- set received %}
        select
            content.workspace_id,
            content.platform,
            content.account_id,
            content.entity_id as post_id
            {%- for column in described %},
            content.{{ column }}
            {%- endfor %}
        from
            {%- if grows() %}
            {{ ref('int_contents_pending') }} as content
        where content.entity_type = 'post'
        union all
        select
            {%- for column in post_key() + described %}
            held.{{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ this }} as held
        semi join {{ ref('int_contents_pending') }} as arrived
            on
                held.workspace_id = arrived.workspace_id
                and held.platform = arrived.platform
                and held.account_id = arrived.account_id
                and held.post_id = arrived.entity_id
                and arrived.entity_type = 'post'
            {%- else %}
            {{ ref('stg_content') }} as content
        where content.entity_type = 'post'
            {%- endif %}
{%- endset %}

with instants as (
    -- found first: texts are then read of a few descriptions only
    select workspace_id, platform, account_id, post_id, max(observed_at) as observed_at
    from ({{ received }}
    ) as received
    group by workspace_id, platform, account_id, post_id
)

select
    {%- for column in post_key() + described %}
    received.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from ({{ received }}
) as received
inner join instants
    on
        received.workspace_id = instants.workspace_id
        and received.platform = instants.platform
        and received.account_id = instants.account_id
        and received.post_id = instants.post_id
        and received.observed_at = instants.observed_at
-- what follows the line only makes the order total
qualify
    row_number() over (
        partition by received.workspace_id, received.platform, received.account_id, received.post_id
        order by
            received.batch_id desc, received.source_line desc, received.owner desc, received.published_at desc,
            received.account_name desc, received.content_type desc, received.title desc, received.body desc,
            received.url desc
    ) = 1
