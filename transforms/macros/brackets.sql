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


{% macro published_since(row, query) -%}
    {#-
        Filter: rows of posts that were published at or after the instant that a query gives, or at an unknown time. Brackets
        lie in the order of publishing, so those of older posts are skipped in blocks.
    -#}
    {%- set since = run_query(query).columns[0].values()[0] if execute -%}
    {%- if since -%}
        ({{ row }}.published_at >= cast('{{ since }}' as timestamptz) or {{ row }}.published_at is null)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{% macro first_placed() -%}
    {#-
        A query for the earliest publish time that held brackets of the posts that are recomputed can have been placed by, as
        text: the one known now, the one at the end of the last build that took in everything, or, of builds that stopped, one
        that still waits to be taken in.
    -#}
    select cast(min(published_at) as varchar)
    from (
        select min(versions.published_at) as published_at
        from {{ ref('int_post_versions') }} as versions
        {{ of_touched('versions') }}
        union all
        select min(content.published_at) as published_at
        from {{ ref('int_contents_pending') }} as content
        union all
        select min(wide.published_at) as published_at
        from {{ earlier('int_post_wide') }} as wide
        {{ of_touched('wide') }}
    ) as moments
{%- endmacro %}


{% macro first_new() -%}
    {#- A query for the earliest publish time of brackets that are written again, as text. -#}
    select cast(min(published_at) as varchar) from {{ ref('int_brackets_touched') }} where is_new
{%- endmacro %}


{% macro in_order_of(column) -%}
    {#- The order in which a table is stored, where it matters for reading it. -#}
    {{ return(adapter.dispatch('in_order_of')(column)) }}
{%- endmacro %}

{% macro default__in_order_of(column) -%}
    order by {{ column }}
{%- endmacro %}

{% macro spark__in_order_of(column) -%}{%- endmacro %}


{% macro brackets() -%}
    {#- The brackets that a model looks at: those of the posts that are recomputed, or all. -#}
    {%- set touched = ref('int_brackets_touched') if grows() -%}
    {{ return(touched if touched and execute else ref('int_post_reading_brackets')) }}
{%- endmacro %}


{% macro ages() -%}
    {%- for age in equal_ages() %}
    select {{ age }} as age_hours{{ ' union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
