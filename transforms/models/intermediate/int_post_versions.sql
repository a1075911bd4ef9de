{{ config(materialized=grown(), incremental_strategy='delete+insert', unique_key=post_key()) }}

{%- set described = [
    'account_name', 'owner', 'content_type', 'title', 'body', 'url', 'published_at', 'observed_at', 'batch_id', 'source_line',
] %}

with received as (
    select
        content.workspace_id,
        content.platform,
        content.account_id,
        content.entity_id as post_id
        {%- for column in described %},
        content.{{ column }}
        {%- endfor %}
    from {{ ref('stg_content') }} as content
    where
        content.entity_type = 'post'
        {%- if grows() %}
        and {{ pending('content') }}
        {%- endif %}
),

versions as (
    select * from received
    {%- if grows() %}
    union all
    select
        {%- for column in post_key() + described %}
        held.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ this }} as held
    where exists (
        select 1
        from received
        where
            held.workspace_id = received.workspace_id
            and held.platform = received.platform
            and held.account_id = received.account_id
            and held.post_id = received.post_id
    )
    {%- endif %}
)

select
    workspace_id,
    platform,
    account_id,
    post_id
    {%- for column in described %},
    {{ column }}
    {%- endfor %}
from versions
-- what follows the line only makes the order total
qualify
    row_number() over (
        partition by workspace_id, platform, account_id, post_id
        order by
            observed_at desc, batch_id desc, source_line desc, owner desc, published_at desc, account_name desc,
            content_type desc, title desc, body desc, url desc
    ) = 1
