{{ config(meta={'dagster': {'ref': {'name': 'mart_account_daily'}}}) }}

-- Day sums over an account equal the sums over its dated posts: nothing lost, nothing counted twice.
with daily as (
    select
        workspace_id, platform, account_id,
        sum(posts) as posts,
        {{ exact_sum('engagements_public') }} as engagements_public,
        {{ exact_sum('views') }} as views,
        {{ exact_sum('impressions') }} as impressions
    from {{ ref('mart_account_daily') }}
    group by workspace_id, platform, account_id
),

posts as (
    select
        workspace_id, platform, account_id,
        count(*) as posts,
        {{ exact_sum('engagements_public') }} as engagements_public,
        {{ exact_sum('views') }} as views,
        {{ exact_sum('impressions') }} as impressions
    from {{ ref('mart_posts') }}
    where published_date is not null
    group by workspace_id, platform, account_id
)

select posts.workspace_id, posts.platform, posts.account_id
from posts
left join daily
    on
        posts.workspace_id = daily.workspace_id
        and posts.platform = daily.platform
        and posts.account_id = daily.account_id
where
    posts.posts is distinct from daily.posts
    or posts.engagements_public is distinct from daily.engagements_public
    or posts.views is distinct from daily.views
    or posts.impressions is distinct from daily.impressions
