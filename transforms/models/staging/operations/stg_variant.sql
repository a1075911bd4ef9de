select
    workspace_id,
    draft_id,
    version,
    position,
    label,
    dimension,
    text_hash,
    characters,
    created_at
from {{ source('raw', 'op_variant') }}
where {{ known('created_at') }}
