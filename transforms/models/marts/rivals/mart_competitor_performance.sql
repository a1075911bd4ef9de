with days as (
    select
        workspace_id,
        platform,
        account_id,
        account_name,
        {{ each_day('first_day', 'last_day') }} as day
    from {{ ref('int_voices') }}
    where owner = 'competitor'
),

weeks as (
    select distinct
        workspace_id,
        platform,
        account_id,
        account_name,
        cast(date_trunc('week', day) as date) as week
    from days
),

posts as (
    select
        posts.workspace_id,
        posts.platform,
        posts.account_id,
        posts.post_id,
        posts.published_week,
        posts.engagements_public,
        ages.engagements_public_7d,
        ages.engagements_public_28d
    from {{ ref('int_public_posts') }} as posts
    left join {{ ref('int_public_ages') }} as ages
        on
            posts.workspace_id = ages.workspace_id
            and posts.platform = ages.platform
            and posts.account_id = ages.account_id
            and posts.post_id = ages.post_id
    where posts.owner = 'competitor'
),

followers as (
    -- the newest reading in the week; a week without one shows none
    select
        readings.workspace_id,
        readings.platform,
        readings.account_id,
        cast(date_trunc('week', readings.reading_date) as date) as week,
        readings.value
    from {{ ref('int_account_readings') }} as readings
    where readings.metric = 'followers'
    qualify
        row_number() over (
            partition by
                readings.workspace_id, readings.platform, readings.account_id,
                cast(date_trunc('week', readings.reading_date) as date)
            order by
                readings.reading_at desc, readings.observed_at desc, readings.batch_id desc, readings.source_line desc,
                readings.value desc
        ) = 1
)

select
    weeks.workspace_id,
    weeks.account_name as competitor,
    weeks.platform,
    weeks.account_id,
    weeks.week,
    count(posts.post_id) as posts,
    count(posts.engagements_public) as posts_measured,
    round({{ ratio('count(posts.engagements_public)', 'count(posts.post_id)') }}, 9) as coverage,
    {{ exact_sum('posts.engagements_public') }} as engagements_public,
    round(median(posts.engagements_public), 7) as median_engagements_public,
    count(posts.engagements_public_7d) as posts_measured_7d,
    round(median(posts.engagements_public_7d), 7) as median_engagements_public_7d,
    count(posts.engagements_public_28d) as posts_measured_28d,
    round(median(posts.engagements_public_28d), 7) as median_engagements_public_28d,
    max(followers.value) as followers
from weeks
left join posts
    on
        weeks.workspace_id = posts.workspace_id
        and weeks.platform = posts.platform
        and weeks.account_id = posts.account_id
        and weeks.week = posts.published_week
left join followers
    on
        weeks.workspace_id = followers.workspace_id
        and weeks.platform = followers.platform
        and weeks.account_id = followers.account_id
        and weeks.week = followers.week
group by weeks.workspace_id, weeks.account_name, weeks.platform, weeks.account_id, weeks.week
