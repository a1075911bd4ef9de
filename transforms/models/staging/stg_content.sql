select
    workspace_id,
    batch_id,
    source,
    platform,
    account_id,
    account_name,
    owner,
    entity_type,
    entity_id,
    content_type,
    title,
    body,
    url,
    published_at,
    observed_at,
    source_line
from {{ source('raw', 'content') }}
where {{ known('observed_at') }}
