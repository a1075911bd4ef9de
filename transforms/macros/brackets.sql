{#-
    How readings of posts come down to their first and last in each bracket of age: common table expressions on `received`, a
    select of readings. It is written out where it is read, so that DuckDB does not keep all readings in memory.
-#}

{% macro bracketed(received) -%}
{%- set instant %}{{ fingerprint(['workspace_id', 'platform', 'account_id', 'post_id', 'metric', 'observed_at']) }}{% endset -%}
disputed as (
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
),

bracketed as (
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
)
{%- endmacro %}


{% macro bracket_key() -%}
    {{ return(post_key() + ['metric', 'bracket', 'state']) }}
{%- endmacro %}


{% macro brackets() -%}
    {#- The brackets that a model looks at: those of the posts that are recomputed, or all. -#}
    {%- set touched = ref('int_brackets_touched') if grows() -%}
    {{ return(touched if touched and execute else ref('int_post_reading_brackets')) }}
{%- endmacro %}
