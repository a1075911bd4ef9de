select
    workspace_id,
    platform,
    account_id,
    entity_id as post_id,
    topic,
    weight,
    is_primary,
    method
from {{ source('raw', 'content_topic') }}
