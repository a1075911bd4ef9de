select
    workspace_id,
    draft_id,
    sequence,
    kind,
    version,
    actor,
    happened_at
from {{ source('raw', 'op_draft_event') }}
where {{ known('happened_at') }}
