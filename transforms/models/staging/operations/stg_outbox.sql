select
    workspace_id,
    outbox_key,
    draft_id,
    version,
    platform,
    vendor,
    account_id,
    attempts,
    due_at,
    created_at,
    finished_at,
    post_id,
    url
from {{ source('raw', 'op_outbox') }}
where {{ known('created_at') }}
