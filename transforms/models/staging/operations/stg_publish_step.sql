select
    workspace_id,
    outbox_key,
    sequence,
    status,
    happened_at
from {{ source('raw', 'op_publish_step') }}
where {{ known('happened_at') }}
