select
    workspace_id,
    strategy_id,
    version,
    created_at,
    created_by,
    writer,
    snapshot_id,
    as_of
from {{ source('raw', 'op_strategy') }}
where {{ known('created_at') }}
