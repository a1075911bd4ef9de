with posts as (
    select
        posts.workspace_id,
        posts.platform,
        posts.local_weekday,
        posts.local_hour,
        percentiles.percentile_28d,
        hourless.post_id is null as has_hour
    from {{ ref('int_posts') }} as posts
    left join {{ ref('int_post_percentiles') }} as percentiles
        on
            posts.workspace_id = percentiles.workspace_id
            and posts.platform = percentiles.platform
            and posts.account_id = percentiles.account_id
            and posts.post_id = percentiles.post_id
    left join {{ ref('int_posts_without_hour') }} as hourless
        on
            posts.workspace_id = hourless.workspace_id
            and posts.platform = hourless.platform
            and posts.account_id = hourless.account_id
            and posts.post_id = hourless.post_id
    where posts.owner = 'own' and posts.published_local is not null
),

platforms as (
    select workspace_id, platform, count(case when not has_hour then 1 end) as platform_posts_without_hour
    from posts
    group by workspace_id, platform
),

weekdays as (
    {%- for weekday in range(1, 8) %}
    select {{ weekday }} as local_weekday
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

hours as (
    {%- for hour in range(24) %}
    select {{ hour }} as local_hour
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
),

cells as (
    select
        workspace_id,
        platform,
        local_weekday,
        local_hour,
        count(*) as posts,
        count(percentile_28d) as posts_measured,
        {{ shrunk_percentile('percentile_28d') }} as shrunk_percentile_28d,
        {{ exact_sum('percentile_28d') }} as total,
        {{ exact_sum('percentile_28d * percentile_28d') }} as squares
    from posts
    where has_hour
    group by workspace_id, platform, local_weekday, local_hour
)

select
    platforms.workspace_id,
    platforms.platform,
    weekdays.local_weekday,
    hours.local_hour,
    -- a count of nothing is a true zero
    case when cells.posts is null then 0 else cells.posts end as posts,
    case when cells.posts is null then 0 else cells.posts_measured end as posts_measured,
    cells.shrunk_percentile_28d,
    round({{ ratio('cells.total', 'cells.posts_measured') }}, 9) as mean_percentile_28d,
    case
        when cells.posts_measured > 1
            then
                round(
                    greatest(
                        (cells.squares - cells.total * cells.total / cells.posts_measured)
                        / (cells.posts_measured - 1),
                        0.0
                    ),
                    9
                )
    end as variance_percentile_28d,
    platforms.platform_posts_without_hour
from platforms
cross join weekdays
cross join hours
left join cells
    on
        platforms.workspace_id = cells.workspace_id
        and platforms.platform = cells.platform
        and weekdays.local_weekday = cells.local_weekday
        and hours.local_hour = cells.local_hour
