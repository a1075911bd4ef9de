with accounts as (
    select
        workspace_id,
        owner,
        account_name,
        platform,
        count(*) as posts,
        count(published_at) as posts_dated,
        min(published_at) as first_published_at,
        max(published_at) as last_published_at,
        {{ hours_between('min(published_at)', 'max(published_at)') }} as span_hours,
        count(engagements_public) as posts_with_engagement,
        round(median(engagements_public), 9) as median_engagements_public
    from {{ ref('int_post_summary') }}
    group by workspace_id, owner, account_name, platform
)

select
    workspace_id,
    owner,
    account_name,
    platform,
    posts,
    first_published_at,
    last_published_at,
    -- fewer than two posts or less than a week says nothing about a pace
    case when posts_dated >= 2 and span_hours >= 7 * 24 then round(posts_dated / (span_hours / (7 * 24)), 9) end
        as posts_per_week,
    posts_with_engagement,
    median_engagements_public
from accounts
