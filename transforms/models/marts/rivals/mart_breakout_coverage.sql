select
    posts.workspace_id,
    posts.owner,
    posts.platform,
    posts.account_id,
    max(posts.account_name) as account_name,
    count(*) as posts,
    count(outliers.z) as posts_judged,
    round({{ ratio('count(outliers.z)', 'count(*)') }}, 9) as coverage,
    count(case when outliers.is_breakout then 1 end) as breakouts,
    max(outliers.z) as largest_z
from {{ ref('int_public_posts') }} as posts
left join {{ ref('int_post_outliers') }} as outliers
    on
        posts.workspace_id = outliers.workspace_id
        and posts.platform = outliers.platform
        and posts.account_id = outliers.account_id
        and posts.post_id = outliers.post_id
where posts.published_at is not null and posts.has_side
group by posts.workspace_id, posts.owner, posts.platform, posts.account_id
