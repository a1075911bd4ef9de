with stamped as (
    select
        content.workspace_id,
        content.platform,
        content.account_id,
        content.source,
        content.entity_id as post_id,
        content.published_at,
        {{ is_midnight('content.published_at', "'UTC'") }} as utc,
        {{ is_midnight('content.published_at', 'workspaces.zone') }} as local,
        {{ is_midnight('content.published_at', "'America/Los_Angeles'") }} as pacific
    from {{ ref('stg_content') }} as content
    left join {{ ref('stg_workspace') }} as workspaces on content.workspace_id = workspaces.workspace_id
    where content.entity_type = 'post' and content.published_at is not null
),

sources as (
    -- nobody publishes most posts on the stroke of midnight: such a source tells days; Meta's and YouTube's are Pacific ones
    select
        workspace_id,
        platform,
        account_id,
        source,
        2 * count(case when utc then 1 end) > count(*) as utc,
        2 * count(case when local then 1 end) > count(*) as local,
        2 * count(case when pacific then 1 end) > count(*) as pacific
    from stamped
    group by workspace_id, platform, account_id, source
)

-- a post has an hour as soon as one source gave it with the time it now has
select
    posts.workspace_id,
    posts.platform,
    posts.account_id,
    posts.post_id
from {{ ref('int_posts') }} as posts
inner join stamped
    on
        posts.workspace_id = stamped.workspace_id
        and posts.platform = stamped.platform
        and posts.account_id = stamped.account_id
        and posts.post_id = stamped.post_id
        and posts.published_at = stamped.published_at
inner join sources
    on
        stamped.workspace_id = sources.workspace_id
        and stamped.platform = sources.platform
        and stamped.account_id = sources.account_id
        and stamped.source = sources.source
group by posts.workspace_id, posts.platform, posts.account_id, posts.post_id
having bool_and(
    (sources.utc and stamped.utc) or (sources.local and stamped.local) or (sources.pacific and stamped.pacific)
)
