with posts as (
    select workspace_id, platform, account_id, post_id, published_date, engagements_public
    from {{ ref('int_post_summary') }}
    where owner = 'own' and published_date is not null
),

days as (
    select
        workspace_id,
        platform,
        account_id,
        account_name,
        {{ each_day('first_day', 'last_day') }} as day
    from {{ ref('int_account_spans') }}
),

counts as (
    select
        workspace_id,
        platform,
        account_id,
        published_date,
        count(*) as posts,
        count(engagements_public) as posts_with_engagement
    from posts
    group by workspace_id, platform, account_id, published_date
),

sums as (
    select
        workspace_id,
        platform,
        account_id,
        published_date,
        {{- additive_sums(['engagements_public', 'reactions', 'comments', 'shares', 'views', 'impressions']) }},
        {{- additive_sums(['engagements_full', 'saves', 'clicks', 'watch_time_hours']) }}
    from {{ ref('int_post_measures') }}
    where owner = 'own' and published_date is not null
    group by workspace_id, platform, account_id, published_date
),

numbers as (
    -- one row per metric and day, so that `max` picks it: nothing is added up here, and reach is shown as it was told
    select
        workspace_id,
        platform,
        account_id,
        day,
        {{- pivot_one('metric', 'value', ['account_reach'] + account_sums()) }},
        count(*) as metrics_asked,
        count(value) as metrics_told,
        max(observed_at) as numbers_read_at,
        min(case when state = 'observed' then hours_after_day end) as hours_after_day
    from {{ ref('int_account_days') }}
    group by workspace_id, platform, account_id, day
),

followers as (
    select workspace_id, platform, account_id, reading_date, value
    from {{ ref('int_account_readings') }}
    where metric = 'followers'
    qualify
        row_number() over (
            partition by workspace_id, platform, account_id, reading_date
            order by reading_at desc, observed_at desc, batch_id desc, source_line desc, value desc
        ) = 1
)

select
    days.workspace_id,
    days.platform,
    days.account_id,
    days.account_name,
    days.day,
    -- a count of posts, not a metric: a day without a post has none
    case when counts.posts is null then 0 else counts.posts end as posts,
    case when counts.posts_with_engagement is null then 0 else counts.posts_with_engagement end
        as posts_with_engagement,
    sums.engagements_public,
    sums.reactions,
    sums.comments,
    sums.shares,
    sums.views,
    sums.impressions,
    followers.value as followers,
    sums.engagements_full,
    sums.saves,
    sums.clicks,
    sums.watch_time_hours,
    numbers.account_reach,
    {%- for name in account_sums() %}
    numbers.{{ name }},
    {%- endfor %}
    -- counts of readings, not metrics
    case when numbers.metrics_asked is null then 0 else numbers.metrics_asked end as metrics_asked,
    case when numbers.metrics_told is null then 0 else numbers.metrics_told end as metrics_told,
    numbers.numbers_read_at,
    numbers.hours_after_day
from days
left join counts
    on
        days.workspace_id = counts.workspace_id
        and days.platform = counts.platform
        and days.account_id = counts.account_id
        and days.day = counts.published_date
left join sums
    on
        days.workspace_id = sums.workspace_id
        and days.platform = sums.platform
        and days.account_id = sums.account_id
        and days.day = sums.published_date
left join numbers
    on
        days.workspace_id = numbers.workspace_id
        and days.platform = numbers.platform
        and days.account_id = numbers.account_id
        and days.day = numbers.day
left join followers
    on
        days.workspace_id = followers.workspace_id
        and days.platform = followers.platform
        and days.account_id = followers.account_id
        and days.day = followers.reading_date
