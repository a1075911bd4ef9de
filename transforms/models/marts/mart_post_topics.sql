select
    topics.workspace_id,
    posts.owner,
    topics.platform,
    topics.account_id,
    topics.post_id,
    topics.topic,
    topics.weight,
    topics.is_primary
from {{ ref('stg_content_topic') }} as topics
inner join {{ ref('int_posts') }} as posts
    on
        topics.workspace_id = posts.workspace_id
        and topics.platform = posts.platform
        and topics.account_id = posts.account_id
        and topics.post_id = posts.post_id
