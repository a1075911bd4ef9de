{{ config(materialized=grown(), incremental_strategy='touched') }}

{#- Where readings are loaded in the order of time, those before the first of a touched post are skipped in blocks. -#}
{%- set since = first_reading_of_touched() if grows() and execute %}
{%- set later = range(1, equal_ages() | length + 1) %}

with spread as (
    select
        brackets.workspace_id,
        brackets.platform,
        brackets.account_id,
        brackets.post_id,
        brackets.metric,
        bool_or(brackets.highest_value > brackets.last_value or brackets.lowest_value < brackets.first_value) as dips
        {%- for bracket in range(equal_ages() | length + 1) %},
        max(brackets.highest_value) filter (where brackets.bracket = {{ bracket }}) as highest_{{ bracket }},
        min(brackets.lowest_value) filter (where brackets.bracket = {{ bracket }}) as lowest_{{ bracket }}
        {%- endfor %}
    from {{ brackets() }} as brackets
    inner join {{ ref('metrics') }} as metrics
        on brackets.metric = metrics.metric and metrics.kind = 'counter' and metrics.time_basis = 'lifetime'
    where brackets.bracket >= -1
    group by
        brackets.workspace_id, brackets.platform, brackets.account_id, brackets.post_id, brackets.metric
),

candidates as (
    select workspace_id, platform, account_id, post_id, metric
    from spread
    where
        dips
        {%- for bracket in later %}
        or lowest_{{ bracket }} < greatest(
            {%- for before in range(bracket) %}highest_{{ before }}{{ ', ' if not loop.last }}{% endfor -%}
            {{ ', highest_0' if bracket == 1 }})
        {%- endfor %}
),

readings as (
    select
        readings.workspace_id,
        readings.platform,
        readings.account_id,
        readings.entity_id as post_id,
        readings.metric,
        readings.value,
        readings.observed_at
    from {{ ref('stg_metric_observation') }} as readings
    inner join candidates
        on
            readings.workspace_id = candidates.workspace_id
            and readings.platform = candidates.platform
            and readings.account_id = candidates.account_id
            and readings.entity_id = candidates.post_id
            and readings.metric = candidates.metric
    where
        readings.entity_type = 'post'
        and readings.state = 'observed'
        {%- if since %}
        and readings.observed_at >= cast('{{ since }}' as timestamptz)
        {%- endif %}
    -- several readings of one instant: the one that int_post_metrics would call newest
    qualify
        row_number() over (
            partition by
                readings.workspace_id, readings.platform, readings.account_id, readings.entity_id, readings.metric,
                readings.observed_at
            order by
                readings.period_end desc, readings.batch_id desc, coalesce(readings.source_line, -1) desc,
                readings.value desc
        ) = 1
),

compared as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        metric,
        value,
        observed_at,
        lag(value) over (
            partition by workspace_id, platform, account_id, post_id, metric order by observed_at
        ) as value_before,
        lag(observed_at) over (
            partition by workspace_id, platform, account_id, post_id, metric order by observed_at
        ) as seen_before
    from readings
)

select
    compared.workspace_id,
    posts.owner,
    compared.platform,
    compared.account_id,
    compared.post_id,
    compared.metric,
    compared.value_before,
    compared.seen_before,
    compared.value as value_after,
    compared.observed_at as seen_after
from compared
inner join {{ ref('int_post_versions') }} as posts
    on
        compared.workspace_id = posts.workspace_id
        and compared.platform = posts.platform
        and compared.account_id = posts.account_id
        and compared.post_id = posts.post_id
where compared.value < compared.value_before
