with posts as (
    select workspace_id, platform, account_id, account_name, post_id, published_date, engagements_public
    from {{ ref('int_post_summary') }}
    where owner = 'own' and published_date is not null
),

accounts as (
    select
        workspace_id,
        platform,
        account_id,
        max(account_name) as account_name,
        min(published_date) as first_day,
        max(published_date) as last_day
    from posts
    group by workspace_id, platform, account_id
),

days as (
    select
        workspace_id,
        platform,
        account_id,
        account_name,
        {{ each_day('first_day', 'last_day') }} as day
    from accounts
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
        {{- additive_sums(['engagements_public', 'reactions', 'comments', 'shares', 'views', 'impressions']) }}
    from {{ ref('int_post_measures') }}
    where owner = 'own' and published_date is not null
    group by workspace_id, platform, account_id, published_date
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
    followers.value as followers
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
left join followers
    on
        days.workspace_id = followers.workspace_id
        and days.platform = followers.platform
        and days.account_id = followers.account_id
        and days.day = followers.reading_date
