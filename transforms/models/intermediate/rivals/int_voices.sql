select
    posts.workspace_id,
    posts.owner,
    posts.platform,
    posts.account_id,
    max(posts.account_name) as account_name,
    min(posts.published_date) as first_day,
    max(cast({{ local_time('posts.observed_at', 'workspaces.zone') }} as date)) as last_day,
    count(posts.published_at) as posts
from {{ ref('int_public_posts') }} as posts
left join {{ ref('stg_workspace') }} as workspaces
    on posts.workspace_id = workspaces.workspace_id
where posts.has_side
group by posts.workspace_id, posts.owner, posts.platform, posts.account_id
having count(posts.published_at) > 0
