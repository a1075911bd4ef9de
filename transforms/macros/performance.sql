{#- What the marts on accounts, platforms, formats and pillars share: their measures, and weeks without holes. -#}

{% macro post_sums() -%}
    {#- Measures of posts that those marts add up; the registry says whether each may be. -#}
    {{ return([
        'engagements_public', 'engagements_full', 'reactions', 'comments', 'shares', 'saves', 'clicks', 'views',
        'impressions', 'watch_time_hours',
    ]) }}
{%- endmacro %}


{% macro post_means() -%}
    {#- Measures of posts that are averaged, each post weighted by its views. -#}
    {{ return(['average_view_duration_seconds', 'average_percentage_viewed', 'completion_rate']) }}
{%- endmacro %}


{% macro compared_measures() -%}
    {#- Measures whose values at 7 days of age are compared from week to week. -#}
    {{ return(['engagements_public', 'views', 'impressions']) }}
{%- endmacro %}


{% macro account_sums() -%}
    {#- Numbers of whole accounts by day that may be added over days. -#}
    {{ return([
        'account_views', 'account_impressions', 'account_engagements', 'account_clicks', 'profile_views',
        'followers_gained', 'followers_lost', 'account_video_views', 'account_watch_time_hours',
        'account_estimated_revenue_usd', 'emails_requested',
    ]) }}
{%- endmacro %}


{% macro compared_account_sums() -%}
    {#- Numbers of whole accounts that are compared from week to week. -#}
    {{ return(['account_views', 'account_impressions', 'account_engagements', 'profile_views']) }}
{%- endmacro %}


{% macro additive_values(names) -%}
    {#-
        One column per measure of a single post over rows of int_post_measures, for models that add them up later. The
        registry decides: a measure that is not additive over posts gives NULL.
    -#}
    {%- for name in names %}
        max(case when measure = '{{ name }}' and additive_posts then value end) as {{ name }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}


{% macro additive_day_sums(names) -%}
    {#-
        One summed column per metric over the days of one account in int_account_days. A metric that is not additive over
        days gives NULL, never a sum.
    -#}
    {%- for name in names %}
        {{ exact_sum("case when metric = '" ~ name ~ "' and additive_days then value end") }} as {{ name }},
        count(case when metric = '{{ name }}' and additive_days then value end) as days_with_{{ name }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}


{% macro additive_account_sums(names) -%}
    {#-
        One summed column per metric over accounts (and days) in int_account_days. A metric that is not additive over both
        gives NULL, never a sum.
    -#}
    {%- for name in names %}
        {{ exact_sum("case when metric = '" ~ name ~ "' and additive_days and additive_accounts then value end") }}
            as {{ name }},
        count(case when metric = '{{ name }}' and additive_days and additive_accounts then value end)
            as days_with_{{ name }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}


{% macro coverage_name(rate) -%}
    {{ return(rate | replace('engagement_rate', 'coverage')) }}
{%- endmacro %}


{% macro performance_of_posts() -%}
    {#- Aggregates over rows of int_post_performance. Rates are Σ ÷ Σ over the posts where both parts are known. -#}
        count(*) as posts,
        count(engagements_public) as posts_with_engagement,
        count(views) as posts_with_views,
        count(impressions) as posts_with_impressions,
    {%- for name in post_sums() %}
        {{ exact_sum(name) }} as {{ name }},
    {%- endfor %}
        round(median(engagements_public), 9) as median_engagements_public,
    {%- for rate in wide_rates() %}
        round({{ ratio(exact_sum(rate ~ '_numerator'), exact_sum(rate ~ '_denominator')) }}, 9) as {{ rate }},
        round(count({{ rate }}_numerator) / count(*), 9) as {{ coverage_name(rate) }},
    {%- endfor %}
    {%- for name in post_means() %}
        round(
            {{ ratio(exact_sum(name ~ ' * views'), exact_sum('case when ' ~ name ~ ' is not null then views end')) }}, 9
        ) as {{ name }},
        count({{ name }} * views) as posts_with_{{ name }},
    {%- endfor %}
        round({{ exact_sum('percentile_28d') }} / count(percentile_28d), 9) as mean_percentile_28d,
        count(percentile_28d) as posts_measured
{%- endmacro %}


{% macro performance_shown() -%}
    {#- The columns of performance_of_posts in the order marts show them; counts of posts are 0 where there is no post. -#}
    {%- for count in ['posts', 'posts_with_engagement', 'posts_with_views', 'posts_with_impressions'] %}
    -- a count of posts, not a metric
    case when {{ count }} is null then 0 else {{ count }} end as {{ count }},
    {%- endfor %}
    {%- for name in post_sums() %}
    {{ name }},
    {%- endfor %}
    median_engagements_public,
    {%- for rate in wide_rates() %}
    {{ rate }},
    {{ coverage_name(rate) }},
    {%- endfor %}
    {%- for name in post_means() %}
    {{ name }},
    case when posts_with_{{ name }} is null then 0 else posts_with_{{ name }} end as posts_with_{{ name }},
    {%- endfor %}
    mean_percentile_28d,
    case when posts_measured is null then 0 else posts_measured end as posts_measured
{%- endmacro %}


{% macro weekly_performance(grain, edge) -%}
    {#-
        CTEs `weekly` and what it stands on: one row per grain and ISO week, every week from spans.first_week to
        spans.last_week, from the CTEs `spans` (grain, first_week, last_week) and `posts` (int_post_performance). `edge`
        lists the columns on which int_partial_weeks is joined. A change stands only where every post of both weeks has a
        value at 7 days, both weeks are complete, and no definition break lies between the first day of the week before
        and the last reading of this week's posts: those are read by 14 days of age.
    -#}
days as (
    select
        {{ grain | join(', ') }},
        {{ each_day('first_week', 'last_week') }} as week
    from spans
),

weeks as (
    select {{ grain | join(', ') }}, week
    from days
    where cast(date_trunc('week', week) as date) = week
),

worked as (
    select
        {{ grain | join(', ') }},
        week,
        {%- for name in compared_measures() %}
        {{ exact_sum(name ~ '_7d') }} as {{ name }}_7d,
        count({{ name }}_7d) as posts_with_{{ name }}_7d,
        {%- endfor %}
        {{ performance_of_posts() }}
    from posts
    group by {{ grain | join(', ') }}, week
),

edges as (
    select distinct {{ edge | join(', ') }}, week
    from {{ ref('int_partial_weeks') }}
),

broken as (
    select
        weeks.workspace_id,
        weeks.platform,
        weeks.week,
        {%- for name in compared_measures() %}
        count(case when breaks.metric = '{{ name }}' then 1 end) as {{ name }}_breaks
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from (select distinct workspace_id, platform, week from weeks) as weeks
    inner join {{ ref('int_metric_breaks') }} as breaks
        on
            weeks.platform = breaks.platform
            and {{ days_between('weeks.week', 'breaks.break_day') }} > -7
            and {{ days_between('weeks.week', 'breaks.break_day') }} <= 20
    group by weeks.workspace_id, weeks.platform, weeks.week
),

joined as (
    select
        {%- for column in grain %}
        weeks.{{ column }},
        {%- endfor %}
        weeks.week,
        edges.week is null as is_complete,
        {{ shown_of('worked') }},
        {%- for name in compared_measures() %}
        worked.{{ name }}_7d,
        worked.posts_with_{{ name }}_7d,
        edges.week is null
        and worked.posts_with_{{ name }}_7d = worked.posts
        and (broken.{{ name }}_breaks is null or broken.{{ name }}_breaks = 0) as {{ name }}_comparable,
        edges.week is null and worked.posts_with_{{ name }}_7d = worked.posts as {{ name }}_whole
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from weeks
    left join worked
        on
            {%- for column in grain %}
            weeks.{{ column }} = worked.{{ column }}
            and
            {%- endfor %} weeks.week = worked.week
    left join edges
        on
            {%- for column in edge %}
            weeks.{{ column }} = edges.{{ column }}
            and
            {%- endfor %} weeks.week = edges.week
    left join broken
        on
            weeks.workspace_id = broken.workspace_id
            and weeks.platform = broken.platform
            and weeks.week = broken.week
),

weekly as (
    select
        {{ grain | join(', ') }},
        week,
        is_complete,
        {{ performance_shown() }}
        {%- for name in compared_measures() %},
        {{ name }}_7d,
        case when posts_with_{{ name }}_7d is null then 0 else posts_with_{{ name }}_7d end as posts_with_{{ name }}_7d,
        case
            when
                {{ name }}_comparable
                and lag({{ name }}_whole) over (partition by {{ grain | join(', ') }} order by week)
                then {{ name }}_7d - lag({{ name }}_7d) over (partition by {{ grain | join(', ') }} order by week)
        end as {{ name }}_7d_change
        {%- endfor %}
    from joined
)
{%- endmacro %}


{% macro shown_of(table) -%}
    {#- The columns of performance_of_posts, of one table of a join. -#}
    {%- for column in performance_columns() %}
        {{ table }}.{{ column }}
        {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}


{% macro performance_columns() -%}
    {%- set found = ['posts', 'posts_with_engagement', 'posts_with_views', 'posts_with_impressions'] + post_sums()
        + ['median_engagements_public'] -%}
    {%- for rate in wide_rates() -%}{%- do found.extend([rate, coverage_name(rate)]) -%}{%- endfor -%}
    {%- for name in post_means() -%}{%- do found.extend([name, 'posts_with_' ~ name]) -%}{%- endfor -%}
    {%- do found.extend(['mean_percentile_28d', 'posts_measured']) -%}
    {{ return(found) }}
{%- endmacro %}


{% macro weekly_columns() -%}
    {#- What `weekly` holds beside its grain, in the order marts show it. -#}
    {%- set found = ['week', 'is_complete'] + performance_columns() -%}
    {%- for name in compared_measures() -%}
        {%- do found.extend([name ~ '_7d', 'posts_with_' ~ name ~ '_7d', name ~ '_7d_change']) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
