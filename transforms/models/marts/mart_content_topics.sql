with posts as (
    select workspace_id, owner, topic, published_at, percentile_28d
    from {{ ref('int_post_summary') }}
    where topic is not null
),

totals as (
    select
        workspace_id,
        count(case when owner = 'own' then 1 end) as own_posts,
        count(case when owner = 'competitor' then 1 end) as competitor_posts
    from posts
    group by workspace_id
),

by_topic as (
    select
        workspace_id,
        topic,
        count(case when owner = 'own' then 1 end) as posts,
        count(case when owner = 'own' then percentile_28d end) as posts_measured,
        {{ shrunk_percentile("case when owner = 'own' then percentile_28d end") }} as shrunk_percentile_28d,
        min(case when owner = 'own' then published_at end) as first_published_at,
        max(case when owner = 'own' then published_at end) as last_published_at,
        count(case when owner = 'competitor' then 1 end) as competitor_posts
    from posts
    group by workspace_id, topic
)

select
    topics.workspace_id,
    topics.topic,
    topics.keywords,
    -- counts of posts, not metrics: a topic nobody has as its primary one has none
    case when by_topic.posts is null then 0 else by_topic.posts end as posts,
    round(
        case when by_topic.posts is null then 0 else by_topic.posts end / nullif(totals.own_posts, 0), 9
    ) as share,
    case when by_topic.posts_measured is null then 0 else by_topic.posts_measured end as posts_measured,
    by_topic.shrunk_percentile_28d,
    by_topic.first_published_at,
    by_topic.last_published_at,
    case when by_topic.competitor_posts is null then 0 else by_topic.competitor_posts end as competitor_posts,
    round(
        case when by_topic.competitor_posts is null then 0 else by_topic.competitor_posts end
        / nullif(totals.competitor_posts, 0),
        9
    ) as competitor_share
from {{ ref('stg_topic') }} as topics
left join by_topic
    on topics.workspace_id = by_topic.workspace_id and topics.topic = by_topic.topic
left join totals
    on topics.workspace_id = totals.workspace_id
