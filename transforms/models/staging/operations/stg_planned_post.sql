select
    workspace_id,
    entry_id,
    strategy_id,
    platform,
    pillar,
    slot_at,
    created_at
from {{ source('raw', 'op_planned_post') }}
where {{ known('created_at') }}
