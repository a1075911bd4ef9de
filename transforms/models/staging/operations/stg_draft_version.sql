select
    workspace_id,
    draft_id,
    version,
    author,
    created_at,
    text_hash,
    characters,
    edit_distance
from {{ source('raw', 'op_draft_version') }}
where {{ known('created_at') }}
