{{ config(materialized=grown(), incremental_strategy='delete+insert', unique_key=post_key()) }}

{%- set parts = ['observed_at', 'period_end', 'batch_id', 'source_line', 'value', 'state'] %}

with readings as (
    select
        received.workspace_id,
        received.platform,
        received.account_id,
        received.entity_id as post_id,
        received.metric,
        {%- for part in parts %}
        received.{{ part }},
        {%- endfor %}
        received.value as lowest_value,
        received.value as highest_value
    from {{ ref('stg_metric_observation') }} as received
    where
        received.entity_type = 'post'
        {%- if grows() %}
        and {{ pending('received') }}
        and not {{ touched('received', post='entity_id', reread=true) }}
    union all
    select
        received.workspace_id,
        received.platform,
        received.account_id,
        received.entity_id as post_id,
        received.metric,
        {%- for part in parts %}
        received.{{ part }},
        {%- endfor %}
        received.value as lowest_value,
        received.value as highest_value
    from {{ ref('stg_metric_observation') }} as received
    where received.entity_type = 'post' and {{ touched('received', post='entity_id', reread=true) }}
    {%- for end in ['first', 'last'] %}
    union all
    select
        held.workspace_id,
        held.platform,
        held.account_id,
        held.post_id,
        held.metric,
        {%- for part in parts %}
        held.{{ end }}_{{ part }},
        {%- endfor %}
        held.lowest_value,
        held.highest_value
    from {{ this }} as held
    where {{ touched('held', reread=false) }}
    {%- endfor %}
        {%- endif %}
),

aged as (
    select
        readings.*,
        posts.published_at,
        {{ hours_between('posts.published_at', 'readings.observed_at') }} as age_hours
    from readings
    left join {{ ref('int_post_versions') }} as posts
        on
            readings.workspace_id = posts.workspace_id
            and readings.platform = posts.platform
            and readings.account_id = posts.account_id
            and readings.post_id = posts.post_id
),

placed as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        metric,
        published_at,
        case
            when state <> 'observed' then -2
            when age_hours > 0 and value >= 0
                then
                    case
                        {%- for age in equal_ages() %}
                        when age_hours <= {{ age }} then {{ loop.index0 }}
                        {%- endfor %}
                        else {{ equal_ages() | length }}
                    end
            else -1
        end as bracket,
        {{ named_fields({
            'observed_at': 'observed_at', 'period_end': 'period_end', 'batch_id': 'batch_id',
            'source_line': 'coalesce(source_line, -1)', 'value': 'value', 'state': 'state',
        }) }} as by_lateness,
        {{ named_fields({
            'earliness': '-' ~ microseconds('observed_at'), 'period_end': 'period_end', 'batch_id': 'batch_id',
            'source_line': 'coalesce(source_line, -1)', 'value': 'value', 'state': 'state', 'observed_at': 'observed_at',
        }) }} as by_earliness,
        lowest_value,
        highest_value
    from aged
),

bounded as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        metric,
        bracket,
        max(published_at) as published_at,
        max(by_earliness) as earliest,
        max(by_lateness) as latest,
        min(lowest_value) as lowest_value,
        max(highest_value) as highest_value
    from placed
    group by workspace_id, platform, account_id, post_id, metric, bracket
)

select
    workspace_id,
    platform,
    account_id,
    post_id,
    metric,
    bracket,
    published_at
    {%- for end, field in [('first', 'earliest'), ('last', 'latest')] %}
    {%- for part in parts %},
    {{ field }}.{{ part }} as {{ end }}_{{ part }}
    {%- endfor %}
    {%- endfor %},
    lowest_value,
    highest_value
from bounded
