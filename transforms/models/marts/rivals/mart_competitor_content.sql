with states as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        max(case when metric = 'reactions' then state end) as reactions_state,
        max(case when metric = 'comments' then state end) as comments_state,
        max(case when metric = 'shares' then state end) as shares_state,
        max(case when metric = 'views' then state end) as views_state
    from {{ ref('int_post_metrics') }}
    where owner = 'competitor'
    group by workspace_id, platform, account_id, post_id
),

offered as (
    -- what the platform has no field for can never be read
    select
        platform,
        bool_or(metric = 'reactions') as reactions,
        bool_or(metric = 'comments') as comments,
        bool_or(metric = 'shares') as shares,
        bool_or(metric = 'views') as views
    from {{ ref('platform_fields') }}
    group by platform
),

ranked as (
    select
        posts.workspace_id,
        posts.platform,
        posts.account_id,
        posts.post_id,
        count(*) over (partition by posts.workspace_id, posts.platform, posts.account_id) as posts_compared,
        percent_rank() over (
            partition by posts.workspace_id, posts.platform, posts.account_id order by ages.engagements_public_28d
        ) as percentile
    from {{ ref('int_public_posts') }} as posts
    inner join {{ ref('int_public_ages') }} as ages
        on
            posts.workspace_id = ages.workspace_id
            and posts.platform = ages.platform
            and posts.account_id = ages.account_id
            and posts.post_id = ages.post_id
    where ages.engagements_public_28d is not null
)

select
    posts.workspace_id,
    posts.account_name as competitor,
    posts.platform,
    posts.account_id,
    posts.post_id,
    posts.content_type,
    posts.title,
    posts.body,
    posts.url,
    posts.published_at,
    posts.published_date,
    posts.topic,
    posts.reactions,
    posts.comments,
    posts.shares,
    posts.views,
    posts.engagements_public,
    posts.observed_at,
    posts.age_hours,
    coalesce(states.reactions_state, case when not coalesce(offered.reactions, false) then 'unsupported' end)
        as reactions_state,
    coalesce(states.comments_state, case when not coalesce(offered.comments, false) then 'unsupported' end)
        as comments_state,
    coalesce(states.shares_state, case when not coalesce(offered.shares, false) then 'unsupported' end)
        as shares_state,
    coalesce(states.views_state, case when not coalesce(offered.views, false) then 'unsupported' end) as views_state,
    public_posts.followers_at_publish,
    ages.engagements_public_24h,
    ages.engagements_public_72h,
    ages.engagements_public_7d,
    ages.engagements_public_28d,
    ages.basis_28d,
    case when ranked.posts_compared >= 5 then round(ranked.percentile, 9) end as percentile_28d,
    public_posts.own_brand
from {{ ref('int_post_summary') }} as posts
inner join {{ ref('int_public_posts') }} as public_posts
    on
        posts.workspace_id = public_posts.workspace_id
        and posts.platform = public_posts.platform
        and posts.account_id = public_posts.account_id
        and posts.post_id = public_posts.post_id
left join {{ ref('int_public_ages') }} as ages
    on
        posts.workspace_id = ages.workspace_id
        and posts.platform = ages.platform
        and posts.account_id = ages.account_id
        and posts.post_id = ages.post_id
left join ranked
    on
        posts.workspace_id = ranked.workspace_id
        and posts.platform = ranked.platform
        and posts.account_id = ranked.account_id
        and posts.post_id = ranked.post_id
left join states
    on
        posts.workspace_id = states.workspace_id
        and posts.platform = states.platform
        and posts.account_id = states.account_id
        and posts.post_id = states.post_id
left join offered on posts.platform = offered.platform
where posts.owner = 'competitor'
