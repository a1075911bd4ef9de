with known as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {{- pivot_one('measure', 'value', ['engagements_public', 'followers']) }}
    from {{ ref('int_post_measures') }}
    where measure in ('engagements_public', 'followers')
    group by workspace_id, platform, account_id, post_id
),

seen as (
    select workspace_id, platform, account_id, post_id, max(observed_at) as observed_at
    from {{ ref('int_post_metrics') }}
    group by workspace_id, platform, account_id, post_id
),

posts as (
    select
        workspace_id,
        owner,
        platform,
        account_id,
        account_name,
        post_id,
        published_at,
        published_date,
        published_month,
        observed_at,
        bool_or(owner = 'own') over (partition by workspace_id, platform, account_id) as own_account,
        bool_or(owner = 'own') over (partition by workspace_id, platform, lower(trim(account_name))) as own_name
    from {{ ref('int_posts') }}
)

select
    posts.workspace_id,
    -- an account that is the brand's own stays its own, whoever's list it was read from
    case when posts.own_account then 'own' else posts.owner end as owner,
    posts.owner <> 'own' and (posts.own_account or posts.own_name) as own_brand,
    -- the brand under another id in a competitor's list would be counted twice: it stands on no side
    posts.own_account or not posts.own_name as has_side,
    posts.platform,
    posts.account_id,
    posts.account_name,
    posts.post_id,
    posts.published_at,
    posts.published_date,
    cast(date_trunc('week', posts.published_date) as date) as published_week,
    posts.published_month,
    greatest(posts.observed_at, seen.observed_at) as observed_at,
    known.engagements_public,
    known.followers as followers_at_publish
from posts
left join known
    on
        posts.workspace_id = known.workspace_id
        and posts.platform = known.platform
        and posts.account_id = known.account_id
        and posts.post_id = known.post_id
left join seen
    on
        posts.workspace_id = seen.workspace_id
        and posts.platform = seen.platform
        and posts.account_id = seen.account_id
        and posts.post_id = seen.post_id
