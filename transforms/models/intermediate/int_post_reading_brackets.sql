-- depends_on: {{ ref('stg_metric_observation') }}
{{ config(materialized=grown(), incremental_strategy='delete+insert', unique_key=post_key()) }}

{#- What is taken in: new readings, all readings of posts that are read again, and what is held of the others. -#}
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
        from
            {%- if grows() %}
            {{ ref('int_readings_pending') }} as received
            {{ of_touched('received', post='entity_id', reread=true) | replace('semi join', 'anti join') }}
        where received.entity_type = 'post'
        union all
        select
            again.workspace_id,
            again.platform,
            again.account_id,
            again.entity_id as post_id,
            again.metric,
            again.state,
            again.value,
            again.observed_at,
            again.period_end,
            again.batch_id,
            again.source_line
        from {{ ref('stg_metric_observation') }} as again
        {{ of_touched('again', post='entity_id', reread=true) }}
        where again.entity_type = 'post'
            {%- else %}
            {{ ref('stg_metric_observation') }} as received
        where received.entity_type = 'post'
            {%- endif %}
{%- endset %}
{%- set instant %}{{ fingerprint(['workspace_id', 'platform', 'account_id', 'post_id', 'metric', 'observed_at']) }}{% endset %}

with disputed as (
    -- instants with several values of one metric of one post
    select {{ instant }} as instant
    from ({{ received }}
    ) as readings
    where state = 'observed'
    group by {{ instant }}
    having min(value) <> max(value)
),

settled as (
    select
        workspace_id, platform, account_id, post_id, metric, state, value, observed_at,
        min(value) over (
            partition by workspace_id, platform, account_id, post_id, metric, observed_at, state
        ) as lowest,
        max(value) over (
            partition by workspace_id, platform, account_id, post_id, metric, observed_at, state
        ) as highest
    from ({{ received }}
    ) as readings
    where {{ instant }} in (select disputed.instant from disputed)
    qualify
        row_number() over (
            partition by workspace_id, platform, account_id, post_id, metric, observed_at, state
            order by period_end desc, batch_id desc, coalesce(source_line, -1) desc, value desc
        ) = 1
),

readings as (
    select workspace_id, platform, account_id, post_id, metric, state, value, observed_at, value as lowest, value as highest
    from ({{ received }}
    ) as readings
    where {{ instant }} not in (select disputed.instant from disputed)
    union all
    select workspace_id, platform, account_id, post_id, metric, state, value, observed_at, lowest, highest
    from settled
    {%- if grows() %}
    union all
    select
        held.workspace_id,
        held.platform,
        held.account_id,
        held.post_id,
        held.metric,
        held.state,
        case ends.position when 'first' then held.first_value else held.last_value end,
        case ends.position when 'first' then held.first_observed_at else held.last_observed_at end,
        held.lowest_value,
        held.highest_value
    from {{ this }} as held
    {{ of_touched('held', reread=false) }}
    cross join (select 'first' as position union all select 'last') as ends
    {%- endif %}
),

aged as (
    select
        readings.workspace_id,
        readings.platform,
        readings.account_id,
        readings.post_id,
        readings.metric,
        readings.state,
        readings.value,
        readings.observed_at,
        readings.lowest,
        readings.highest,
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
        state,
        value,
        observed_at,
        lowest,
        highest,
        published_at,
        case
            when value is null then -2
            when age_hours > 0 and value >= 0
                then
                    case
                        {%- for age in equal_ages() %}
                        when age_hours <= {{ age }} then {{ loop.index0 }}
                        {%- endfor %}
                        else {{ equal_ages() | length }}
                    end
            else -1
        end as bracket
    from aged
)

select
    workspace_id,
    platform,
    account_id,
    post_id,
    metric,
    bracket,
    state,
    max(published_at) as published_at,
    min(observed_at) as first_observed_at,
    min_by(value, observed_at) as first_value,
    max(observed_at) as last_observed_at,
    max_by(value, observed_at) as last_value,
    min(lowest) as lowest_value,
    max(highest) as highest_value
from placed
group by workspace_id, platform, account_id, post_id, metric, bracket, state
